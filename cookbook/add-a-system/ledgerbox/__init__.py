"""Ledgerbox, a bookkeeping service that we made up: its mock, and its connector."""

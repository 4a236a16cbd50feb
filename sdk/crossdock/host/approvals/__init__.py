"""Approvals: what a guard wanted a named role to agree to, who answered what, and why (C5)."""

"""Mandatory fields and data checks of accounts and contacts."""

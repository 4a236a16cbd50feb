"""Accounts kept the same in CRM and ERP: what was agreed on, contested, created."""

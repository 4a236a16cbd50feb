"""Accounts to look after: lists, cards, and tasks that open by themselves."""

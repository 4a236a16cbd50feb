"""Associations between records: their types, the links themselves, and both APIs for them."""

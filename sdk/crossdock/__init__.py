"""Crossdock: extend any CRM with ERP data and straight-through ordering."""

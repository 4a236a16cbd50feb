"""Quotes that somebody has to agree to: discounts, amounts and margins beyond a threshold."""

"""The back office of an account: overview, sales, aging, credit, orders, invoices."""

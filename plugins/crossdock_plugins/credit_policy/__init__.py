"""Credit: what a customer over the limit, on hold or overdue meets when he wants more (C3)."""

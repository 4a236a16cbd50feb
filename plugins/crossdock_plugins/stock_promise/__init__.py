"""Stock and lead time: what is there, what comes, and when a line can be promised (C2)."""

"""The search of a kind of record: filters, a text, one sorting, pages, and an index that lags."""

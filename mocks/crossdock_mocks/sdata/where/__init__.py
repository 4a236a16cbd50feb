"""The query language of SData: parsed, checked against a resource, and written as SQL."""

"""Whether two records are the same company: compared, and found among many."""

"""Orders on their way into an ERP: what was intended, sent and acknowledged, each exactly once."""

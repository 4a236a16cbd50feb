"""All that two systems have, brought together once: read, matched, written, reconciled."""

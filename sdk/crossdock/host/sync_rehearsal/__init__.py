"""What an ownership policy would do, without doing it: on a live pair, or on recorded changes."""

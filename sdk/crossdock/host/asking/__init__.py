"""What is asked: one call of a plugin, with its context, rights and time, and what comes of it."""

"""Reference plugin: the same customer everywhere, by a written policy."""

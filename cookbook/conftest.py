"""What our own test run leaves out here: it needs an installation first, and is tried elsewhere."""

collect_ignore = ["add-a-system"]

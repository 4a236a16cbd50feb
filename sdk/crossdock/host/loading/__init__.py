"""What is loaded: plugins are found, judged, imported, planned and replaced."""

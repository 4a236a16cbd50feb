"""How one system says it on the wire: a folder per system."""

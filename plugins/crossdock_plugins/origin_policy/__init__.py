"""Where quotes may begin, and whether each must hang on an opportunity (C6)."""

"""Changes of orders that were placed already: asked for, carried out once, answered (D3)."""

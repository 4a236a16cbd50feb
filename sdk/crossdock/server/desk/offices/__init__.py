"""The people behind each kind of ERP, as far as the desk can play them."""

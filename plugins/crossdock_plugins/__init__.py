"""Reference plugins: each folder is one plugin with its manifest, its code and its README."""

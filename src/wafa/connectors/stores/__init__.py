"""One folder per kind of store."""

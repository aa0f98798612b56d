"""Members, guests among them, and the identities by which stores know them."""

"""The home and the embedded PostgreSQL."""

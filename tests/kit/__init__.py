"""Small pieces around Django."""

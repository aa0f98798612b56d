"""Small pieces around Django that every room may use."""

"""Bringing histories in: keeping the file, trying it, running it in batches, and undoing it."""

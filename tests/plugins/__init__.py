"""Plugins of pytest, named by `-p` in pyproject.toml so that they run before Django reads its settings."""

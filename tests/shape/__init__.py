"""The shape of the code: what import-linter and ruff cannot say."""

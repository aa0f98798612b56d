"""Codes, claims, who brought whom, and what was given for it."""

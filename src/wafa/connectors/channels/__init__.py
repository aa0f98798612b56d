"""One folder per way to reach the outside."""

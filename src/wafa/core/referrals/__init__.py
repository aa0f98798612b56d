"""Members who bring friends: what counts, what speaks against it, what is given, and what goes back."""

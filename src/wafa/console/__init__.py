"""The merchant's pages: who is a member and why they have what they have, what came from the stores, what goes out."""

"""Questions for the books, answered in the reader's language. Reads only."""

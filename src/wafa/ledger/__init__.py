"""The books: journals, postings, lots and balances, written through one function."""

"""Histories that merchants bring along from elsewhere: the file, how it is read, how far it is, what became of rows."""

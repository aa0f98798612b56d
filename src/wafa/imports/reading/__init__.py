"""Reading histories: CSV files of other services, in their columns, encodings, digits and calendars. No tables."""

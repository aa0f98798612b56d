"""Settings and URLs: the one place that knows every room."""

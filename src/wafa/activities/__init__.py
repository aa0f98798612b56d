"""What stores last told of each order."""

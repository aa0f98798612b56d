"""What shoppers see."""

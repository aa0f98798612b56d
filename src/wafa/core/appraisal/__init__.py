"""Looking at a program before it decides: what its rules would pay twice, and what they would give back."""

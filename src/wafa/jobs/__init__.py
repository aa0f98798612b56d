"""What the queue, the clock and the command line start."""

"""Where members stand on the ladder: what counts, when they rise and fall, and what is left to the next tier."""

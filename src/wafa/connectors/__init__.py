"""Foreign systems: one folder per store and per channel, translation without tables."""

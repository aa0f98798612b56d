"""The demo: a made-up store with two years behind it, loaded through the same flows as a real one."""

"""The demo: a made-up store with two years behind it, loaded through the same flows as a real one."""


class DemoFailed(Exception):
    """The demo cannot be made or shown; the message says why."""

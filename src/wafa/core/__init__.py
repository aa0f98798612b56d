"""The rules of loyalty as pure functions: no Django, no clock, no input or output."""

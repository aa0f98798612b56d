"""Numbers as people type them."""


def whole_number(typed: str, *, longest: int = 12) -> int | None:
    """A whole number without a sign, in the digits of any script; None where it is none, or has more than `longest`."""
    typed = typed.strip()
    return int(typed) if typed.isdecimal() and len(typed) <= longest else None

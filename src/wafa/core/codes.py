"""What of a code counts, however it is typed."""

import re

_APART = re.compile(r"[\s\-‐-―_]+")
# Keyboards for Arabic and Persian have digits of their own.
_DIGITS = {ord(digit): str(place % 10) for place, digit in enumerate("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹")}


def bare_code(code: str) -> str:
    """A code without what people leave out or write differently: hyphens, spaces, small letters, their own digits."""
    plain = code.replace("-", "")
    # Nearly all are no more than letters, digits and hyphens, and then it costs a tenth.
    if plain.isascii() and plain.isalnum():
        return plain.upper()
    return _APART.sub("", code).translate(_DIGITS).upper()

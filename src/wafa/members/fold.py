"""Folding text for search: what people type alike is made alike."""

import unicodedata

# What decomposition leaves apart: letters that keyboards of Arabic and Persian mix up, and signs nobody types.
_LETTERS = str.maketrans(
    {
        "ٱ": "ا",
        "ى": "ي",
        "ی": "ي",
        "ې": "ي",
        "ک": "ك",
        "ة": "ه",
        "ە": "ه",
        "ـ": None,
        "\u200c": None,
        "\u200d": None,
        "\u200e": None,
        "\u200f": None,
    }
)


def fold(text: str) -> str:
    """Lower-case, without accents and vowel marks, with one form for each letter and digit and single spaces."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(character for character in decomposed if not unicodedata.combining(character))
    latin_digits = "".join(str(unicodedata.digit(c)) if c.isdigit() else c for c in plain)
    return " ".join(latin_digits.translate(_LETTERS).split())

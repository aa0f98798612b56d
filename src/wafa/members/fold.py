"""Folding text for search: what people type alike is made alike."""

import re
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
        "\x00": None,  # typed by nobody, and the database refuses it
    }
)


_WORD = re.compile(r"(?<![^\W_])[^\W_]")
# An entry of an index has to fit a third of a page, and nobody types more.
_LONGEST, _MOST = 40, 20


def fold(text: str) -> str:
    """Lower-case, without accents and vowel marks, with one form for each letter and digit and single spaces."""
    if text.isascii():
        return " ".join(text.lower().replace("\x00", "").split())
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(character for character in decomposed if not unicodedata.combining(character))
    latin_digits = "".join(str(unicodedata.digit(c)) if c.isdigit() else c for c in plain)
    return " ".join(latin_digits.translate(_LETTERS).split())


def list_words(name: str, email: str) -> list[str]:
    """By whose beginnings somebody is found: the words of both, and the e-mail's domain as a whole.

    A word goes on to the next space, so that it is found however much of its punctuation is typed: "al-hassan" is
    kept as "al-hassan" and "hassan".
    """
    local, _, domain = fold(email).partition("@")
    words = [word for chunk in [*_split(local), *_split(fold(name))] for word in _beginnings(chunk)]
    return list(dict.fromkeys(word[:_LONGEST] for word in [*_split(domain), *words]))[:_MOST]


def typed_words(text: str) -> list[str]:
    """The words that somebody typed to search with, as `list_words` keeps them."""
    return [_beginnings(chunk)[0][:_LONGEST] for chunk in _split(fold(text))][:_MOST]


def _split(folded: str) -> list[str]:
    return folded.replace("@", " ").split()


def _beginnings(chunk: str) -> list[str]:
    """The chunk from each of its words on; all of it where it has no word."""
    return [chunk[found.start() :] for found in _WORD.finditer(chunk)] or [chunk]

"""What kind of text a file is: its encoding, what parts its columns, and in which order its days are written."""

import codecs
import csv
import re
from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from wafa.imports.reading.cells import DateOrder

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DELIMITERS = (",", ";", "\t", "|")
_DAY = re.compile(r"\b(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})\b")

SAMPLE = 65_536
"""So many bytes of the beginning of a file tell what it is."""


class Dialect(Struct, frozen=True, kw_only=True):
    """How the text of a file is read."""

    encoding: str
    delimiter: str


class NotText(Exception):
    """A file that is no table in any encoding we know, or one that ends in the middle of a character."""


def detect(sample: bytes) -> Dialect:
    """How a file that begins with `sample` is read. Raises NotText."""
    encoding = _detect_encoding(sample)
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(sample)
    except UnicodeDecodeError:
        raise NotText(f"expected text in {encoding}") from None
    if "\x00" in text:
        raise NotText("expected text, such as a CSV file; this is something else")
    first = text.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=lambda mark: len(next(csv.reader([first], delimiter=mark), [])))
    return Dialect(encoding=encoding, delimiter=delimiter)


def detect_date_order(rows: Iterable[Sequence[str]]) -> DateOrder:
    """The order of day and month where days end with their year, as far as these rows show it."""
    for row in rows:
        for cell in row:
            for first, second, _ in _DAY.findall(cell):
                if int(first) > 12:
                    return "dmy"
                if int(second) > 12:
                    return "mdy"
    return "ymd"


def decode(parts: Iterable[bytes], encoding: str) -> Iterator[str]:
    """The lines of a file that comes in parts, with their ends. Raises NotText where the encoding does not fit."""
    decoder = codecs.getincrementaldecoder(encoding)()
    rest = ""
    try:
        for part in parts:
            text = rest + decoder.decode(part)
            *whole, rest = text.split("\n")
            yield from (f"{line}\n" for line in whole)
        rest += decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise NotText(f"expected text in {encoding}: {error.reason}") from None
    if rest:
        yield rest


def _detect_encoding(sample: bytes) -> str:
    for mark, encoding in _MARKS:
        if sample.startswith(mark):
            return encoding
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample)
    except UnicodeDecodeError:
        return "cp1256" if _reads_as_arabic(sample) else "cp1252"
    return "utf-8"


def _reads_as_arabic(sample: bytes) -> bool:
    """Whether the bytes beyond ASCII are mostly Arabic or Persian letters in Windows-1256."""
    beyond = bytes(byte for byte in sample if byte > 127)
    letters = sum("\u0600" <= character <= "\u06ff" for character in beyond.decode("cp1256", errors="ignore"))
    return letters * 2 > len(beyond)

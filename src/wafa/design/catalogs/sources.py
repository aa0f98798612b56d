"""Finding what is to be translated, in Python and in templates."""

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from django.utils.translation.template import templatize

_KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
# Nine files in ten call none of them, and Babel takes long to find that out.
_MAY_CALL = re.compile(rb"gettext|\b_\(")
_TEMPLATES = {".html", ".txt"}


def find_messages(root: Path) -> Catalog:
    """Every message below `root`, with the files it stands in, as an untranslated catalog."""
    catalog = Catalog()
    for path in _source_files(root):
        source = _as_python(path)
        if not _MAY_CALL.search(source):
            continue
        place = path.relative_to(root).as_posix()
        for _line, message, comments, context in extract(
            "python", BytesIO(source), keywords=_KEYWORDS, comment_tags=["Translators:"]
        ):
            catalog.add(message, locations=[(place, 0)], auto_comments=comments, context=context)
    return catalog


def _source_files(root: Path) -> Iterator[Path]:
    for path in sorted(root.rglob("*")):
        if path.suffix == ".py" or (path.suffix in _TEMPLATES and "templates" in path.parts):
            yield path


def _as_python(path: Path) -> bytes:
    """The file as Babel's Python extractor reads it; Django blanks a template but for its calls to gettext."""
    source = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        return source.encode()
    blanked = templatize(source, origin=str(path))
    # What is left of a template's indentation would be an error in Python.
    return "\n".join(line.strip() for line in blanked.splitlines()).encode()

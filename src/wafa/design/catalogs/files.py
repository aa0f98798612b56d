"""Reading, merging and writing the catalogs' files."""

from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from wafa.design.catalogs import LANGUAGES

# Without dates and names: the file changes when a translation does, and then only there.
_HEADER = """msgid ""
msgstr ""
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals={plural.forms}; plural={plural.rule};\\n"

"""


def catalog_file(locale: Path, language: str) -> Path:
    """Where the catalog of `language` is kept."""
    return locale / language / "LC_MESSAGES" / "django.po"


def read_catalog(locale: Path, language: str) -> Catalog:
    """The catalog of `language`, empty where there is no file yet."""
    path = catalog_file(locale, language)
    text = path.read_bytes() if path.exists() else _header(language).encode()
    return read_po(BytesIO(text), locale=language, domain="django", abort_invalid=True)


def merge(found: Catalog, kept: Catalog, language: str) -> Catalog:
    """The messages in `found` with the translations in `kept`, obsolete ones included; the rest becomes obsolete."""
    merged = read_po(BytesIO(_header(language).encode()), locale=language)
    for message in found:
        if not message.id:
            continue
        known = kept.get(message.id, message.context) or _find_obsolete(kept, message)
        same_kind = known is not None and known.pluralizable == message.pluralizable
        merged.add(
            message.id,
            known.string if known is not None and same_kind else None,
            locations=message.locations,
            flags=known.flags if known is not None and same_kind else (),
            auto_comments=message.auto_comments,
            user_comments=known.user_comments if known is not None else (),
            context=message.context,
        )
    for message in (*kept, *kept.obsolete.values()):
        if message.id and message.string and found.get(message.id, message.context) is None:
            merged.obsolete[message.id] = message
    return merged


def write_catalog(catalog: Catalog, locale: Path, language: str) -> None:
    """Write the catalog, sorted by message, with the files but not the lines where each stands."""
    body = BytesIO()
    write_po(body, catalog, omit_header=True, sort_output=True, include_lineno=False, width=0)
    path = catalog_file(locale, language)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_header(language).encode() + body.getvalue())


def compile_catalog(locale: Path, language: str) -> Path:
    """Write the .mo file that Django reads, beside the catalog."""
    path = catalog_file(locale, language).with_suffix(".mo")
    with path.open("wb") as file:
        write_mo(file, read_catalog(locale, language))
    return path


def _header(language: str) -> str:
    return _HEADER.format(language=language, plural=LANGUAGES[language])


def _find_obsolete(kept: Catalog, message: Message) -> Message | None:
    return next(
        (old for old in kept.obsolete.values() if old.id == message.id and old.context == message.context), None
    )

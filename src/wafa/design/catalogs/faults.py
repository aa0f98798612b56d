"""What keeps a catalog from being complete."""

import re
from collections.abc import Iterator

from babel.messages.catalog import Catalog, Message

from wafa.design.catalogs import LANGUAGES

_PLACEHOLDER = re.compile(r"%\(\w+\)[sdif]|%[sdif]|\{\w*\}")


def find_faults(found: Catalog, kept: Catalog, language: str) -> list[str]:
    """A sentence for every message in `found` that `kept` does not translate fully and faithfully into `language`."""
    faults = []
    for message in found:
        if message.id:
            known = kept.get(message.id, message.context)
            faults += [f"{language}: {_name(message)!r} {fault}" for fault in _faults_of(message, known, language)]
    return faults


def _faults_of(message: Message, known: Message | None, language: str) -> Iterator[str]:
    if known is None:
        yield "is missing"
        return
    if known.fuzzy:
        yield "is marked fuzzy"
    strings = known.string if isinstance(known.string, (tuple, list)) else (known.string,)
    expected = LANGUAGES[language].forms if message.pluralizable else 1
    if len(strings) != expected:
        yield f"needs {expected} forms, has {len(strings)}"
    for form, string in enumerate(strings):
        if not string:
            yield f"has an empty form {form}" if message.pluralizable else "is empty"
        else:
            yield from _placeholder_faults(message, string, form, language)


def _placeholder_faults(message: Message, string: str, form: int, language: str) -> Iterator[str]:
    source = str(message.id[1] if message.pluralizable else message.id)
    wanted, written = set(_PLACEHOLDER.findall(source)), set(_PLACEHOLDER.findall(string))
    left_out = wanted - written
    if message.pluralizable and form in LANGUAGES[language].exact and len(left_out) == 1:
        left_out = set()  # the number itself: "two points" says it in words
    if left_out:
        yield f"leaves out {', '.join(sorted(left_out))} in {string!r}"
    if written - wanted:
        yield f"has unknown {', '.join(sorted(written - wanted))} in {string!r}"


def _name(message: Message) -> str:
    return str(message.id[0] if message.pluralizable else message.id)

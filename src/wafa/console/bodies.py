"""Bytes that came from a store, as text to read."""

import json
import re

import msgspec

# Letters beyond ASCII that the sender wrote as \uXXXX, one or a pair; not what a text escapes for its own sake.
_ESCAPED = re.compile(r"(?<!\\)(?:\\u(?!00[0-7])[0-9a-fA-F]{4})+")


def pretty(body: bytes) -> str:
    """JSON with a line for each member, its numbers as they were written; anything else as it came."""
    try:
        text = msgspec.json.format(body, indent=2).decode()
    except (msgspec.DecodeError, UnicodeDecodeError):
        return body.decode("utf-8", errors="replace")
    return _ESCAPED.sub(lambda found: str(json.loads(f'"{found.group()}"')), text)

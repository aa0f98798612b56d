"""The text of an API key: `wafa_<program>_<key>_<secret>`, so that a request names its program before any query."""

from uuid import UUID

from msgspec import Struct


class Token(Struct, frozen=True):
    """A token taken apart; not yet a valid one."""

    program_id: UUID
    key_id: UUID
    secret: str

    def __repr__(self) -> str:
        return f"Token({self.key_id})"


def write_token(program_id: UUID, key_id: UUID, secret: str) -> str:
    return f"wafa_{program_id.hex}_{key_id.hex}_{secret}"


def read_token(text: str) -> Token | None:
    """Take a token apart; None where the text is none."""
    word, _, rest = text.partition("_")
    program, _, rest = rest.partition("_")
    key, _, secret = rest.partition("_")
    if word != "wafa" or not secret:
        return None
    try:
        return Token(UUID(hex=program), UUID(hex=key), secret)
    except ValueError:
        return None

"""Fingerprints: what two people may share, hashed as soon as it is read, so that nothing readable of it is kept.

They tell that two orders came from one address, device or means of payment. Hashes of one SECRET_KEY match no other's.
"""

from typing import Literal

from wafa.kit.secrets import keyed_hash

Kind = Literal["address", "device", "payment"]


def fingerprint(kind: Kind, *parts: str | None) -> tuple[str, ...]:
    """The fingerprint of what these parts say, whatever their case, spaces and signs; none where they say nothing."""
    said = "".join(character for part in parts if part for character in part.casefold() if character.isalnum())
    return (f"{kind}:{keyed_hash(f'{kind} {said}').hex()}",) if said else ()

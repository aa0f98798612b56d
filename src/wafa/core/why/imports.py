"""Why an import brought units, and why they were taken out again."""

from msgspec import Struct


class OpeningWhy(Struct, frozen=True, kw_only=True, tag="opening", omit_defaults=True):
    """`units` came with the member from elsewhere, by an import of this `source`; `pending` of them wait."""

    units: int
    source: str
    pending: int = 0


class UndoWhy(Struct, frozen=True, kw_only=True, tag="undo", omit_defaults=True):
    """An import of this `source` was undone: the `units` that had come by it are taken back.

    What was used meanwhile came out of the member's other lots (`from_others`), is owed (`to_debt`) or was let go
    (`forgiven`). `owed_again` had paid a debt of the member, which is there again.
    """

    units: int
    source: str
    from_others: int = 0
    to_debt: int = 0
    forgiven: int = 0
    owed_again: int = 0

"""Undoing what an import granted: every unit of a lot goes back to where it was issued, wherever it is by now."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from wafa.core.books import Account, GrantChange, Journal, JournalKind, Lot, Posting, make_journal
from wafa.core.partners import owe_for_changes
from wafa.core.program import Program
from wafa.core.standing import Standing
from wafa.core.take_back import Taken, take_back
from wafa.core.why import UndoWhy

WhenUsed = Literal["refuse", "debt", "forgive"]
"""What happens where units were used meanwhile: nothing at all, they are owed, or they are let go."""


class Undone(Struct, frozen=True, kw_only=True):
    """What takes the lots of one member back, and where they stand then.

    By unit: all `units` that are taken back, and those of them that were `used` meanwhile, beside what had paid a debt
    of before.
    """

    journals: tuple[Journal, ...]
    standing: Standing
    units: Mapping[str, int]
    used: Mapping[str, int]


def undo_lots(
    standing: Standing,
    lot_ids: Collection[UUID],
    *,
    program: Program,
    key: str,
    source: str,
    repaid: Mapping[UUID, int],
    leaves_debt: bool,
    at: datetime,
) -> Undone:
    """Take lots back that came by one import, which `key` names: afterwards it is as if they had granted nothing.

    What of a lot was `repaid`, because the member owed it, is owed again. What else is gone was used: it comes out of
    the member's other lots, as if they had spent from these, and the rest is owed or let go. A partner no longer owes
    for what it had granted.
    """
    journals: list[Journal] = []
    units: dict[str, int] = {}
    used: dict[str, int] = {}
    for lot_id in sorted(lot_ids):
        lot = standing.lots[lot_id]
        if not lot.net_granted:
            continue
        again = min(repaid.get(lot_id, 0), lot.net_granted - lot.clawed_back)
        # What is taken back as well is no place to take what was used from.
        beside = {id_: other for id_, other in standing.lots.items() if id_ == lot_id or id_ not in lot_ids}
        taken = take_back(
            replace(standing, lots=beside),
            [lot],
            lot.net_granted - lot.clawed_back - again,
            into=Account.ISSUED,
            leaves_debt=leaves_debt,
            at=at,
        )
        journal = _journal(standing, lot, taken, again, program=program, key=f"{key}:{lot_id}", source=source, at=at)
        standing = standing.after([journal])
        journals.append(journal)
        units[lot.unit] = units.get(lot.unit, 0) + lot.net_granted
        gone = taken.from_others + taken.to_debt + taken.forgiven
        used[lot.unit] = used.get(lot.unit, 0) + gone
    return Undone(journals=tuple(journals), standing=standing, units=units, used=used)


def _journal(
    standing: Standing, lot: Lot, taken: Taken, again: int, *, program: Program, key: str, source: str, at: datetime
) -> Journal:
    postings = list(taken.postings)
    if lot.clawed_back:
        postings.append(Posting(lot.unit, Account.CLAWED_BACK, Account.ISSUED, lot.clawed_back, lot.id))
    if again:
        postings.append(Posting(lot.unit, Account.DEBT, Account.ISSUED, again))
    change = GrantChange(
        lot_id=lot.id,
        corrected=lot.net_granted - taken.forgiven,
        clawed_back=-lot.clawed_back,
        forgiven=taken.forgiven - lot.forgiven,
    )
    at = max(at, taken.since)
    return make_journal(
        JournalKind.UNDOING,
        key,
        member_id=standing.member_id,
        at=at,
        why=UndoWhy(
            units=lot.net_granted,
            source=source,
            from_others=taken.from_others,
            to_debt=taken.to_debt,
            forgiven=taken.forgiven,
            owed_again=again,
        ),
        version=lot.version,
        cause_id=lot.cause_id,
        postings=tuple(postings),
        grants=(change,),
        obligations=owe_for_changes(program, [change], before={lot.id: lot}),
    )

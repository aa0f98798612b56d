"""Staff take units from a member who had got too many: the other way of a correction, with its reason and a name."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from wafa.core.books import JournalKind
from wafa.core.gift import take_units
from wafa.core.lots import NotEnough
from wafa.core.why import AdjustmentWhy
from wafa.flows.announce import announce_journals
from wafa.ledger.operations import post
from wafa.ledger.queries import find_booked, load_standings
from wafa.programs.queries import get_program_rules

MAY_TAKE = ("owner", "manager")


class Taking(Struct, frozen=True, kw_only=True):
    """`units` of `unit` are taken: by whom (`by`, who is in the program as `role`), and why (`note`).

    `key` names it: asked again, they are taken once.
    """

    key: str
    member_id: UUID
    unit: str
    units: int
    role: str
    by: str
    note: str


class NotTaken(Exception):
    """Why nothing was taken: not_allowed (the role may not), no_such_member, no_such_unit, not_enough, or key_taken."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def take_from_member(program_id: UUID, taking: Taking, *, at: datetime) -> bool:
    """Take units of what is available. False where they were taken before, by the same key. Raises NotTaken."""
    if taking.role not in MAY_TAKE:
        raise NotTaken("not_allowed")
    version = get_program_rules(program_id).in_force(at)
    standing = load_standings(program_id, [taking.member_id], lock=True, with_lots=True).get(taking.member_id)
    if standing is None:
        raise NotTaken("no_such_member")
    if version is None or taking.unit not in {unit.code for unit in version.spec.units}:
        raise NotTaken("no_such_unit")
    key = f"{JournalKind.ADJUSTMENT.value}:taken:{taking.unit}:{taking.key}"
    if (before := find_booked(program_id, [key]).get(key)) is not None:
        why = before.why
        if before.member_id != taking.member_id or not isinstance(why, AdjustmentWhy) or why.units != -taking.units:
            raise NotTaken("key_taken")
        return False
    try:
        journal = take_units(
            standing,
            unit=taking.unit,
            units=taking.units,
            key=key,
            why=AdjustmentWhy(units=-taking.units, reason=taking.note, by=taking.by),
            version=version.number,
            at=at,
        )
    except NotEnough:
        raise NotTaken("not_enough") from None
    post(program_id, [journal], booked_at=at)
    announce_journals(program_id, [journal], at=at)
    return True

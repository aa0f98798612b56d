"""Bring in members of another program, with what they bring along: balances with their dates, and tiers."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from wafa.core.books import Journal
from wafa.core.calendars import OutsideCalendar
from wafa.core.decide import Decision
from wafa.core.ids import caused_id
from wafa.core.open_balance import open_balance
from wafa.core.program import Program
from wafa.core.spec import Version
from wafa.core.standing import Standing
from wafa.core.tiers.follow import follow
from wafa.core.tiers.record import Appointment
from wafa.flows.claim_accruals import claim_accruals
from wafa.flows.qualify_members import qualify_members, with_tiers
from wafa.flows.review_tiers import review_members
from wafa.imports.operations import TakenRow
from wafa.imports.rows import PastMember, PastTier, RowFault
from wafa.ledger.operations import post
from wafa.ledger.queries import load_standings
from wafa.members.answers import keep_answers
from wafa.members.birthdays import keep_birthdays
from wafa.members.operations import Resolved, enroll_past_members
from wafa.programs.queries import get_program_rules


class NoProgram(Exception):
    """Nothing can be brought into a program of which no version was published."""


class History(Struct, frozen=True, kw_only=True):
    """The import whose rows these are, what it is called, and the code of the store whose customers they name."""

    import_id: UUID
    name: str
    store: str = ""
    by: str = ""


def import_members(program_id: UUID, rows: Sequence[PastMember], history: History, *, at: datetime) -> list[TakenRow]:
    """Enrol members and open what they bring along. Returns what came of each row, in order. Raises NoProgram.

    Nobody is told of it. A tier that is brought along is no entry to it, so its reward is not granted.
    """
    program = get_program_rules(program_id)
    version = program.in_force(at) or program.latest
    if version is None:
        raise NoProgram("expected a published program")
    refused = {row.line: fault for row in rows if (fault := check_member(row, at=at))}
    taken = [row for row in rows if row.line not in refused]
    people = _enroll(program_id, program, taken, history, at=at)
    lots, refused_lots = _open(program_id, version, people, history, at=at)
    appointed = _appoint(program_id, program, people, history, at=at)
    refused |= refused_lots
    return [
        TakenRow(line=row.line, cell=refused[row.line].column, fault=refused[row.line].expected)
        if row.line in refused and row.line not in people
        else _taken(row, people[row.line][1], lots, appointed, refused)
        for row in rows
    ]


def check_member(row: PastMember, *, at: datetime) -> RowFault | None:
    """What of a row cannot be, at that moment."""

    def fault(column: str, expected: str) -> RowFault:
        return RowFault(line=row.line, column=column, expected=expected)

    opening, tier = row.opening, row.tier
    if row.joined_at and row.joined_at > at:
        return fault("joined_at", "expected a time that has passed")
    if opening and opening.earned_at and opening.earned_at > at:
        return fault("earned_at", "expected a time that has passed")
    if opening and opening.expires_at and opening.expires_at <= at:
        return fault("expires_at", "expected a day to come: these units have ended")
    if opening and opening.pending and opening.matures_at and opening.matures_at <= at:
        return fault("pending_until", "expected a time to come: these units are pending no more")
    if tier and tier.until and tier.until <= at:
        return fault("tier_until", "expected a day to come: this tier has ended")
    return None


_People = Mapping[int, tuple[PastMember, Resolved]]
"""Rows that are taken, by line, and who each is about."""


def _enroll(
    program_id: UUID, program: Program, rows: Sequence[PastMember], history: History, *, at: datetime
) -> _People:
    told = [((history.store, row.customer, at), row.joined_at or at) for row in rows]
    resolved = enroll_past_members(program_id, told, at=at)
    people = {row.line: (row, person) for row, person in zip(rows, resolved, strict=True) if person is not None}
    assert len(people) == len(rows), "a row says who it is about"
    birthdays = [
        (person.member_id, row.birthday, row.joined_at or at)
        for row, person in people.values()
        if row.birthday is not None and person.is_new
    ]
    keep_birthdays(program_id, birthdays)
    answered = [(person.member_id, row.answers, at) for row, person in people.values() if person.is_new]
    keep_answers(program_id, answered)
    joined = sorted({person.member_id for _, person in people.values() if person.newly_joined})
    if joined:
        # Whoever is decided about in several steps is held before the first.
        load_standings(program_id, _known(people), lock=True, with_lots=False)
        claim_accruals(program_id, joined, at=at)
        review_members(program_id, program, joined, at=at, quiet=True)
    return people


def _known(people: _People) -> set[UUID]:
    """Members who were there before, of whom something is decided. The new ones nobody else can know of yet."""
    return {
        person.member_id
        for row, person in people.values()
        if not person.is_new and (row.opening or row.tier or person.newly_joined)
    }


def _open(
    program_id: UUID, version: Version, people: _People, history: History, *, at: datetime
) -> tuple[dict[int, tuple[UUID, ...]], dict[int, RowFault]]:
    """The lots that each row opens. A row whose dates no calendar has is told, and opens nothing."""
    standings = load_standings(program_id, _known(people), lock=True, with_lots=False)
    # Applied only for whoever comes again: most members are in a history once.
    unapplied: dict[UUID, list[Journal]] = {}
    journals: list[Journal] = []
    lots: dict[int, tuple[UUID, ...]] = {}
    refused: dict[int, RowFault] = {}
    for line, (row, person) in people.items():
        if row.opening is None:
            continue
        standing = standings.get(person.member_id) or Standing(member_id=person.member_id)
        if person.member_id in unapplied:
            standing = standings[person.member_id] = standing.after(unapplied.pop(person.member_id))
        key = f"import:{history.import_id}:{line}"
        try:
            opened = open_balance(version, standing, row.opening, key=key, source=history.name, at=at)
        except OutsideCalendar as error:
            refused[line] = RowFault(line=line, column="expires_at", expected=str(error))
            continue
        unapplied[person.member_id] = opened
        lots[line] = tuple(lot.id for journal in opened for lot in journal.lots)
        journals += opened
    post(program_id, journals, booked_at=at)
    return lots, refused


def _appoint(program_id: UUID, program: Program, people: _People, history: History, *, at: datetime) -> dict[int, UUID]:
    """Give members the tiers that they bring along. Returns the appointments by line."""
    told = [(row, row.tier, person) for row, person in people.values() if row.tier is not None]
    if not told or not program.has_tiers:
        return {}
    members = {person.member_id: Standing(member_id=person.member_id) for _, _, person in told}
    standings = with_tiers(program_id, program, members)
    records = {member_id: standing.tiers for member_id, standing in standings.items()}
    appointed: dict[int, UUID] = {}
    for row, tier, person in told:
        record = records[person.member_id]
        assert record is not None, "a program with tiers keeps a record of everybody"
        given = _appointment(row, tier, history, at=at)
        record = replace(record, appointments=(*record.appointments, given))
        records[person.member_id] = follow(program, record, until=max(at, record.known_until or at))
        appointed[row.line] = given.id
    decided = [(member_id, Decision(tiers=record)) for member_id, record in records.items()]
    qualify_members(program_id, program, standings, decided, at=at, quiet=True)
    return appointed


def _appointment(row: PastMember, tier: PastTier, history: History, *, at: datetime) -> Appointment:
    """Until a day that was told, since then; else as if it were reached on the day on which the member comes."""
    return Appointment(
        id=caused_id(f"import:{history.import_id}:{row.line}", at=at),
        kind="set" if tier.until else "invited",
        tier=tier.tier,
        at=min(tier.since or at, at) if tier.until else at,
        until=tier.until,
        reason=history.name,
        by=history.by,
    )


def _taken(
    row: PastMember,
    person: Resolved,
    lots: Mapping[int, tuple[UUID, ...]],
    appointed: Mapping[int, UUID],
    refused: Mapping[int, RowFault],
) -> TakenRow:
    fault = refused.get(row.line)
    return TakenRow(
        line=row.line,
        member_id=person.member_id,
        enrolled=person.is_new,
        lots=msgspec.Raw(msgspec.json.encode(lots[row.line])) if row.line in lots else None,
        appointment_id=appointed.get(row.line),
        cell=fault.column if fault else "",
        fault=fault.expected if fault else "",
    )

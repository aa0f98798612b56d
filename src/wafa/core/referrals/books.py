"""The journals of referrals: units that are given, and their way back."""

from collections.abc import Sequence
from datetime import datetime

from msgspec.structs import replace

from wafa.core.accrue import repay
from wafa.core.activities import MemberActivity
from wafa.core.books import Account, Journal, JournalKind, Lot, Posting, lot_id, make_journal
from wafa.core.dates import expires_at
from wafa.core.decide import Decision
from wafa.core.program import Program
from wafa.core.referrals.record import Given
from wafa.core.standing import Standing
from wafa.core.take_back import Taken, return_grants
from wafa.core.tiers.follow import Cause, follow
from wafa.core.tiers.qualify import REFERRAL
from wafa.core.tiers.record import Entry, Loss, TierRecord
from wafa.core.tiers.undo import find_undone, undo_entries
from wafa.core.why import ReferralReturnWhy, ReferralWhy


def completed_activity(given: Given) -> MemberActivity:
    """What rules and tiers see of a referral that counts."""
    return MemberActivity(kind=REFERRAL, key=given.key, occurred_at=given.at)


def grant_units(program: Program, standing: Standing, given: Given) -> list[Journal]:
    """A lot of what is given, which can be used at once; it pays first what the member owes."""
    assert given.unit is not None
    version = program.numbered(given.version)
    unit = program.unit(given.unit, version=given.version)
    lot = Lot(
        id=lot_id(given.key, at=given.at),
        member_id=standing.member_id,
        unit=given.unit,
        rule=given.rule,
        version=given.version,
        granted=given.units,
        remaining=given.units,
        pocket=Account.AVAILABLE,
        occurred_at=given.at,
        cause_id=given.id,
        expires_at=expires_at(unit, granted_at=given.at, spec=version.spec),
    )
    journal = make_journal(
        JournalKind.ACCRUAL,
        given.key,
        member_id=standing.member_id,
        at=given.at,
        why=ReferralWhy(side=given.side, units=given.units, friends=given.friends),
        version=given.version,
        rule=given.rule,
        cause_id=given.id,
        postings=(Posting(lot.unit, Account.ISSUED, lot.pocket, lot.granted, lot.id),),
        lots=(lot,),
    )
    return [journal, *repay(standing, [lot], cause=journal)]


def take_back_units(program: Program, standing: Standing, given: Given, *, at: datetime) -> list[Journal]:
    """Take back what was granted for it, by rules too: what is left of it, then other units, then by the unit's policy
    at the version that granted it. The standing has the lots of its cause and every open one.
    """
    cause_id = completed_activity(given).cause_id if given.side == "completed" else given.id
    journals: list[Journal] = []
    for rule in sorted({lot.rule for lot in standing.lots.values() if lot.cause_id == cause_id}):
        grants = standing.grants_of(cause_id=cause_id, rule=rule)
        units = sum(lot.net_granted - lot.taken_back for lot in grants)
        if units > 0:
            journal = _return(program, standing, given, grants, units, rule=rule, at=at)
            standing = standing.after([journal])
            journals.append(journal)
    return journals


def _return(
    program: Program, standing: Standing, given: Given, grants: Sequence[Lot], units: int, *, rule: str, at: datetime
) -> Journal:
    def tell(taken: Taken) -> ReferralReturnWhy:
        return ReferralReturnWhy(
            side=given.side,
            units=units,
            from_others=taken.from_others,
            to_debt=taken.to_debt,
            forgiven=taken.forgiven,
        )

    return return_grants(
        program,
        standing,
        grants,
        units,
        key=f"{JournalKind.CLAWBACK.value}:{given.key}:{rule}",
        tell=tell,
        at=max([at, *(lot.occurred_at for lot in grants)]),
        rule=rule,
        cause_id=grants[0].cause_id,
    )


def take_back_completion(program: Program, standing: Standing, given: Given, *, at: datetime) -> Decision:
    """Undo that a referral was completed: what rules granted for it goes back, it counts for tiers no more, and what
    entering those brought that were only reached by it goes back too. The standing has every lot that a tier granted.
    """
    journals = take_back_units(program, standing, given, at=at)
    if standing.tiers is None:
        return Decision(journals=tuple(journals))
    entry = standing.tiers.entries.get(completed_activity(given).cause_id)
    if entry is None or entry.losses:
        return Decision(journals=tuple(journals), tiers=standing.tiers)
    cause = Cause(kind="referral_reversed", order="", at=max(at, entry.at))
    tiers = _without(program, standing.tiers, entry, cause)
    if undone := find_undone(program, standing, tiers):
        taken, tiers = undo_entries(program, standing, tiers, undone=undone, booked=journals, cause=cause)
        journals = [*journals, *taken]
    return Decision(journals=tuple(journals), tiers=tiers)


def _without(program: Program, record: TierRecord, entry: Entry, cause: Cause) -> TierRecord:
    lost = replace(entry, losses=(Loss(at=cause.at, units=entry.units, referrals=entry.referrals),))
    record = replace(record, entries={**record.entries, entry.cause_id: lost})
    assert record.known_until is not None
    return follow(program, record, until=record.known_until, cause=cause)

"""Find or enrol the people stores speak of."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from wafa.core.activities import MemberActivity
from wafa.core.program import Program
from wafa.core.snapshots import CustomerSnapshot
from wafa.ledger.queries import open_balances
from wafa.members.answers import keep_answers
from wafa.members.birthdays import keep_birthdays
from wafa.members.likenesses import notice_likenesses
from wafa.members.operations import Resolved, Told, resolve_members


def enroll_members(
    program_id: UUID, program: Program, people: Sequence[Told], *, at: datetime
) -> list[Resolved | None]:
    """Resolve people, given as (store code, who the store says they are, as of when it says so), in order.

    None stands for somebody without an account, an e-mail or a phone: nobody could ever claim what they earn.
    Where a store names two members by one account, they may be one person: that is kept for staff to look at.
    Whoever is `newly_joined` was a guest; `claim_accruals` gives them what waited, once the batch's orders are locked.
    """
    if not people:
        return []
    latest = program.latest
    automatic = latest is None or latest.spec.joining == "automatic"
    resolved = resolve_members(program_id, people, joins_automatically=automatic, at=at)
    new = [person.member_id for person in resolved if person and person.is_new]
    open_balances(program_id, new, units=program.unit_codes)
    alike = [(person.member_id, other, kind) for person in resolved if person for kind, _, other in person.contested]
    notice_likenesses(program_id, alike, at=at)
    return resolved


def keep_accounts(program_id: UUID, told: Sequence[tuple[UUID, CustomerSnapshot]]) -> None:
    """Keep what store accounts, given as (member, account), say beside who they are: birthdays and answers."""
    keep_birthdays(program_id, [(whose, said.birthday, said.as_of) for whose, said in told if said.birthday])
    keep_answers(program_id, [(whose, said.answers, said.as_of) for whose, said in told if said.answers])


def find_signup(program: Program, person: Resolved, *, at: datetime) -> MemberActivity | None:
    """The joining of somebody who was just resolved, as far as the program minds it: once for each member."""
    if not person.signs_up:
        return None
    version = program.in_force(at)
    if version is None or "signup" not in version.spec.earning_by_trigger:
        return None
    return MemberActivity(kind="signup", key=str(person.member_id), occurred_at=at)

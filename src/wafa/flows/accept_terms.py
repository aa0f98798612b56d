"""Join by agreeing to the program's terms, or agree to newer ones; and keep what else members agree to."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct

from wafa.flows.book_found import book_found
from wafa.flows.claim_accruals import claim_accruals
from wafa.flows.enroll_members import find_signup
from wafa.flows.review_tiers import review_members
from wafa.ledger.queries import lock_members
from wafa.members.consents import TERMS, join, record_consent
from wafa.members.models import MemberState
from wafa.members.operations import Resolved
from wafa.members.queries import find_members
from wafa.programs.queries import get_program_rules

Source = Literal["api", "page"]


class CannotAccept(Exception):
    """Nobody of this id can agree to anything, or the terms are others; nothing was written."""


class Accepted(Struct, frozen=True, kw_only=True):
    """Whether they joined thereby, and whether it is new that they agree."""

    joined: bool
    is_new: bool


def accept_terms(program_id: UUID, member_id: UUID, *, version: int | None, source: Source, at: datetime) -> Accepted:
    """Agree to the terms in force; `version` is that of the text which was shown, None where there is none.

    A guest becomes a member, with what waited for them and what joining earns. Raises CannotAccept.
    """
    program = get_program_rules(program_id)
    in_force = program.in_force(at)
    terms = in_force.spec.terms if in_force else None
    if version != (terms.version if terms else None):
        raise CannotAccept(f"version: expected {terms.version if terms else 'none: there are no terms'}")
    lock_members(program_id, [member_id])
    member = find_members(program_id, [member_id]).get(member_id)
    if member is None or member.state in (MemberState.ERASED, MemberState.MERGED):
        raise CannotAccept("member: nobody has this id")
    is_new = record_consent(program_id, member_id, TERMS, given=True, version=version, source=source, at=at)
    if not join(program_id, member_id, at=at):
        return Accepted(joined=False, is_new=is_new)
    claim_accruals(program_id, [member_id], at=at)
    review_members(program_id, program, [member_id], at=at)
    signup = find_signup(program, Resolved(member_id=member_id, joined=True, signs_up=True), at=at)
    if signup is not None:
        book_found(program_id, program, [(member_id, signup)], at=at)
    return Accepted(joined=True, is_new=is_new)


def give_consent(program_id: UUID, member_id: UUID, kind: str, *, given: bool, source: Source, at: datetime) -> bool:
    """Keep that a member agrees to something, such as `newsletter`, or does no more. Returns whether that is new.

    Raises CannotAccept: terms are agreed to by joining, and not taken back.
    """
    if kind == TERMS:
        raise CannotAccept("kind: expected another: terms are agreed to by themselves")
    lock_members(program_id, [member_id])
    member = find_members(program_id, [member_id]).get(member_id)
    if member is None or member.state in (MemberState.ERASED, MemberState.MERGED):
        raise CannotAccept("member: nobody has this id")
    return record_consent(program_id, member_id, kind, given=given, version=None, source=source, at=at)

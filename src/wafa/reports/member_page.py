"""All that a member's own page shows, in one reading of the books."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from wafa.core.program import Program
from wafa.core.spec import Terms
from wafa.kit.formats import Formats
from wafa.members.consents import TERMS, find_consents
from wafa.members.models import Member, MemberState
from wafa.members.queries import get_member
from wafa.programs.queries import get_program_rules
from wafa.reports.balances import UnitBalance, list_unit_balances
from wafa.reports.gifts import can_give
from wafa.reports.history import History, list_history
from wafa.reports.phrases import name_of
from wafa.reports.profile import ProfilePage, read_profile_page
from wafa.reports.referral_page import ReferralPage, read_referral_page
from wafa.reports.standings import TierPage, read_tier_page
from wafa.reports.ways import Way, list_ways

LINES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class TermsTold:
    """What the member can agree to now: `version` and `text` of terms, where there are any."""

    version: int | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberPage:
    """`balances` of every unit, and the `history` of one of them, which is `unit`.

    `name` is the program's in the reader's language. Before its first version there is no name, unit or history.
    `tiers` is there for members of a program with a ladder, `referrals` where members bring friends,
    `profile` where the program asks members about themselves. `ways` are those to earn now.
    """

    name: str | None
    member: Member
    balances: list[UnitBalance]
    unit: UnitBalance | None
    history: History | None
    has_rewards: bool
    can_give: bool
    terms: TermsTold | None
    tiers: TierPage | None
    referrals: ReferralPage | None
    profile: ProfilePage | None
    ways: list[Way]


class UnknownMember(Exception):
    """Nobody of this id is in the program, or they asked to be forgotten."""


class UnknownUnit(Exception):
    """The program counts no unit of this code."""


def get_known_member(program_id: UUID, member_id: UUID) -> Member:
    """The member or guest whose page this is, by whatever name of theirs. Raises UnknownMember."""
    try:
        member = get_member(program_id, member_id)
        if member.merged_into is not None:
            member = get_member(program_id, member.merged_into)
    except Member.DoesNotExist:
        raise UnknownMember from None
    if member.state == MemberState.ERASED:
        raise UnknownMember
    return member


def get_member_page(
    program_id: UUID, member_id: UUID, *, formats: Formats, at: datetime, unit: str = "", before: UUID | None = None
) -> MemberPage:
    """Read the page as of `at`, with the history of `unit`, the first one unless told.

    Raises UnknownUnit, UnknownMember.
    """
    program = get_program_rules(program_id)
    member = get_known_member(program_id, member_id)
    balances = list_unit_balances(program_id, member.id, program=program, formats=formats)
    shown = next((balance for balance in balances if unit in ("", balance.unit.code)), None)
    if unit and shown is None:
        raise UnknownUnit(unit)
    history = None
    if shown is not None:
        history = list_history(
            program_id, member.id, shown.unit.code, program=program, formats=formats, limit=LINES, before=before
        )
    name = name_of(program.versions[-1].spec.name, formats.locale) if program.versions else None
    tiers = referrals = None
    if member.state != MemberState.GUEST:
        tiers = read_tier_page(program_id, member.id, program=program, formats=formats, at=at)
    if member.state == MemberState.MEMBER:
        referrals = read_referral_page(program_id, member.id, program=program, formats=formats, at=at)
    return MemberPage(
        name=name,
        member=member,
        balances=balances,
        unit=shown,
        history=history,
        has_rewards=_has_rewards(program),
        can_give=member.state != MemberState.GUEST and can_give(program.in_force(at)),
        tiers=tiers,
        referrals=referrals,
        profile=read_profile_page(program_id, member, program=program, formats=formats, at=at),
        terms=_terms(program_id, member, program, formats=formats, at=at),
        ways=list_ways(program, formats=formats, at=at),
    )


def _terms(program_id: UUID, member: Member, program: Program, *, formats: Formats, at: datetime) -> TermsTold | None:
    """Guests are asked to join, and members to agree to terms that are newer than those they agreed to.

    Who joined by a store account, where that is enough, is asked as well where there are terms.
    """
    version = program.in_force(at)
    terms = version.spec.terms if version else None
    if member.state == MemberState.GUEST:
        return TermsTold(version=terms.version if terms else None, text=_text(terms, formats))
    if terms is None:
        return None
    accepted = find_consents(program_id, member.id).get(TERMS)
    if accepted is not None and accepted.version == terms.version:
        return None
    return TermsTold(version=terms.version, text=_text(terms, formats))


def _text(terms: Terms | None, formats: Formats) -> str:
    return name_of(terms.text, formats.locale) if terms else ""


def _has_rewards(program: Program) -> bool:
    """Whether there is anything to exchange units for."""
    spec = program.versions[-1].spec if program.versions else None
    return spec is not None and bool(spec.rewards or any(one.on_page for one in spec.conversions))

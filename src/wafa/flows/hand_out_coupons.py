"""Hand members codes of their own, which nobody else can use."""

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct

from wafa.core.qualify import Refusal
from wafa.core.spec import Campaign, UniqueCodes, Version
from wafa.core.vouchers import valid_until
from wafa.coupons.codes import NewHandout, find_codes, find_handouts, make_codes, put_handouts
from wafa.coupons.models import Handout
from wafa.flows.announce_coupons import announce_handouts
from wafa.flows.issue_vouchers import list_writers
from wafa.flows.send_coupons import Obstacle, Sending, send_coupons
from wafa.flows.write_coupons import NotOpenAnyMore, write_coupons
from wafa.ledger.queries import load_standings
from wafa.programs.queries import get_program_rules


class HandOut(Struct, frozen=True, kw_only=True):
    """Somebody asks that a member gets a code of a campaign. `key` names it: asked again, it is handed out once.

    `by` is the member of staff who gives it and `note` why, where it is a gift. `send_at` is when it is to be
    sent to them by e-mail, if it is.
    """

    key: str
    member_id: UUID
    campaign: str
    source: str
    by: str = ""
    note: str = ""
    send_at: datetime | None = None


class HandedOut(Struct, frozen=True, kw_only=True):
    """The code that the member has now, whether it is new or was handed out before by the same key.

    `unsent` is why it is not sent to them, where that was asked.
    """

    code_id: UUID
    campaign: str
    code: str
    valid_until: datetime | None
    is_new: bool
    unsent: Obstacle | None = None


class NotHandedOut(Struct, frozen=True, kw_only=True):
    """Why not; nothing was changed: no_such_member, no_such_campaign, no_own_codes (all share one, or it has none), or
    key_taken: the key names another.
    """

    refusal: Refusal


Answer = HandedOut | NotHandedOut


def hand_out_coupons(program_id: UUID, asks: Sequence[HandOut], *, at: datetime) -> list[Answer]:
    """Hand out a batch of codes, each drawn for its member. The program's endpoints are told, and may tell the members;
    who is to be sent theirs is promised an e-mail, once for each code.
    """
    program = get_program_rules(program_id)
    version = program.in_force(at)
    members = load_standings(program_id, {ask.member_id for ask in asks}, lock=True, with_lots=False)
    known = find_handouts(program_id, [ask.key for ask in asks])
    campaigns = version.spec.coupons.by_id if version else {}
    refused = {
        ask.key: reason
        for ask in asks
        if ask.key not in known and (reason := _refuse(campaigns.get(ask.campaign), ask.member_id in members))
    }
    new = {ask.key: ask for ask in asks if ask.key not in known and ask.key not in refused}
    wanted = Counter(ask.campaign for ask in new.values())
    made = {one: make_codes(program_id, one, _look(campaigns[one]), wanted[one], at=at) for one in sorted(wanted)}
    handouts, codes = [], {}
    for ask in new.values():
        code_id, codes[code_id] = made[ask.campaign].pop()
        handouts.append(_handout(version, campaigns[ask.campaign], ask, code_id, at=at))
    put_handouts(program_id, handouts, at=at)
    announce_handouts(program_id, handouts, codes, at=at)
    if version is not None and handouts and list_writers(program_id):
        for campaign in sorted(wanted):
            # The code is theirs also where a store cannot be told when it is open.
            with suppress(NotOpenAnyMore):
                own = [one.code_id for one in handouts if one.campaign == campaign]
                write_coupons(program_id, program, version, campaign, own, at=at)
    given = {one.key: one for one in handouts}
    codes |= {one: code.code for one, code in find_codes(program_id, [each.code_id for each in known.values()]).items()}
    all_given: dict[str, NewHandout | Handout] = {**given, **known}
    sendings = [
        Sending(code_id=one.code_id, member_id=ask.member_id, send_at=ask.send_at)
        for ask in asks
        if ask.send_at is not None and (one := all_given.get(ask.key)) is not None and _is_same(one, ask)
    ]
    unsent = send_coupons(program_id, sendings, at=at)
    answers: list[Answer] = []
    for ask in asks:
        one = all_given.get(ask.key)
        if one is None:
            answers.append(NotHandedOut(refusal=Refusal(reason=refused[ask.key])))
        elif not _is_same(one, ask):
            answers.append(NotHandedOut(refusal=Refusal(reason="key_taken")))
        else:
            answers.append(
                HandedOut(
                    code_id=one.code_id,
                    campaign=one.campaign,
                    code=codes[one.code_id],
                    valid_until=one.valid_until,
                    is_new=ask.key in given,
                    unsent=None if ask.send_at is None else unsent.get(one.member_id),
                )
            )
    return answers


def _is_same(given: NewHandout | Handout, ask: HandOut) -> bool:
    return (given.member_id, given.campaign) == (ask.member_id, ask.campaign)


_Reason = Literal["no_such_member", "no_such_campaign", "no_own_codes"]


def _refuse(campaign: Campaign | None, is_member: bool) -> _Reason | None:
    if not is_member:
        return "no_such_member"
    if campaign is None:
        return "no_such_campaign"
    return None if isinstance(campaign.codes, UniqueCodes) else "no_own_codes"


def _look(campaign: Campaign) -> UniqueCodes:
    assert isinstance(campaign.codes, UniqueCodes)
    return campaign.codes


def _handout(version: Version | None, campaign: Campaign, ask: HandOut, code_id: UUID, *, at: datetime) -> NewHandout:
    assert version is not None
    return NewHandout(
        code_id=code_id,
        campaign=campaign.id,
        member_id=ask.member_id,
        key=ask.key,
        source=ask.source,
        by=ask.by,
        note=ask.note,
        valid_until=valid_until(version, campaign, at=at),
    )

"""Let members exchange one unit for another, at the rate of the version in force."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from wafa.core.books import Journal
from wafa.core.convert import conversion_key, convert, find_refusal
from wafa.core.why import ConversionWhy
from wafa.flows.announce import announce_journals
from wafa.ledger.operations import post
from wafa.ledger.queries import find_booked, load_standings
from wafa.programs.queries import get_program_rules


class ConversionAsk(Struct, frozen=True, kw_only=True):
    """A member wants `units` converted. `key` names it: asked again, it is done once.

    `by_page` says that the member asks on their page, where not every conversion is offered.
    """

    key: str
    member_id: UUID
    conversion: str
    units: int
    by_page: bool = False


class Converted(Struct, frozen=True, kw_only=True):
    """`units` became `granted` of the other unit, now or when it was asked before."""

    units: int
    granted: int
    is_new: bool


class NotConverted(Struct, frozen=True, kw_only=True):
    """Why not; nothing was changed.

    Beside those of `core.convert` reasons are no_such_member, no_such_conversion, and key_taken: the key names another.
    """

    reason: str


def convert_units(program_id: UUID, asks: Sequence[ConversionAsk], *, at: datetime) -> list[Converted | NotConverted]:
    """Decide a batch in order: each stands on what those before it left of the same balance."""
    program = get_program_rules(program_id)
    version = program.in_force(at)
    offered = {one.id: one for one in version.spec.conversions} if version else {}
    standings = load_standings(program_id, {ask.member_id for ask in asks}, lock=True, with_lots=True)
    known = {
        key: (one.member_id, one.why)
        for key, one in find_booked(program_id, [conversion_key(ask.key) for ask in asks]).items()
    }
    answers: list[Converted | NotConverted] = []
    journals: list[Journal] = []
    for ask in asks:
        key, standing, conversion = conversion_key(ask.key), standings.get(ask.member_id), offered.get(ask.conversion)
        if key in known:
            answers.append(_again(ask, *known[key]))
        elif standing is None:
            answers.append(NotConverted(reason="no_such_member"))
        elif version is None or conversion is None or (ask.by_page and not conversion.on_page):
            answers.append(NotConverted(reason="no_such_conversion"))
        elif reason := find_refusal(standing, conversion, ask.units, at=at):
            answers.append(NotConverted(reason=reason))
        else:
            done = convert(program, standing, version, conversion, ask.units, key=ask.key, at=at)
            standings[ask.member_id] = standing.after(done)
            known[key] = (ask.member_id, done[0].why)
            journals += done
            answers.append(_told(done[0].why, is_new=True))
    post(program_id, journals, booked_at=at)
    announce_journals(program_id, journals, at=at)
    return answers


def _again(ask: ConversionAsk, member_id: UUID, why: object) -> Converted | NotConverted:
    assert isinstance(why, ConversionWhy)
    if (member_id, why.conversion, why.units) != (ask.member_id, ask.conversion, ask.units):
        return NotConverted(reason="key_taken")
    return _told(why, is_new=False)


def _told(why: object, *, is_new: bool) -> Converted:
    assert isinstance(why, ConversionWhy)
    return Converted(units=why.units, granted=why.granted, is_new=is_new)

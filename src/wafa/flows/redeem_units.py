"""Take the units that redemptions cost out of members' books, all of a cost or nothing."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from wafa.core.books import Journal
from wafa.core.lots import NotEnough
from wafa.core.redeem import redeem, redemption_key
from wafa.ledger.booked import list_booked_keys
from wafa.ledger.operations import post
from wafa.ledger.queries import load_standings


class Redemption(Struct, frozen=True, kw_only=True):
    """`units` (> 0) of `unit` for `reward`. `key` names the redemption: the same key takes the units once."""

    key: str
    member_id: UUID
    unit: str
    units: int
    reward: str


class RedeemedBefore(Struct, frozen=True):
    """A redemption with this key took its units already."""

    key: str


Answer = Journal | NotEnough | RedeemedBefore


def redeem_units(program_id: UUID, redemptions: Sequence[Redemption], *, at: datetime) -> list[Answer]:
    """Book a batch of redemptions, in order.

    Each answer is its journal, NotEnough where the member has too little, or RedeemedBefore where it was booked before.
    """
    standings = load_standings(program_id, {asked.member_id for asked in redemptions}, lock=True, with_lots=True)
    # Told again it would draw on other lots, or on none, so the books are asked and not the standing.
    booked = list_booked_keys(program_id, [redemption_key(asked.key) for asked in redemptions])
    answers: list[Answer] = []
    for asked in redemptions:
        key = redemption_key(asked.key)
        if key in booked:
            answers.append(RedeemedBefore(asked.key))
            continue
        standing = standings[asked.member_id]
        try:
            journal = redeem(standing, key=asked.key, unit=asked.unit, units=asked.units, reward=asked.reward, at=at)
        except NotEnough as error:
            answers.append(error)
            continue
        booked.add(key)
        standings[asked.member_id] = standing.after([journal])
        answers.append(journal)
    post(program_id, [answer for answer in answers if isinstance(answer, Journal)], booked_at=at)
    return answers

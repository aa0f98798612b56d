"""Take the units that redemptions cost out of members' books, all of a cost or nothing."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from wafa.core.books import Journal
from wafa.core.lots import NotEnough
from wafa.core.redeem import redeem
from wafa.ledger.operations import post
from wafa.ledger.queries import load_standings


class Redemption(Struct, frozen=True, kw_only=True):
    """`units` (> 0) of `unit` for `reward`. `key` names the redemption: the same key takes the units once."""

    key: str
    member_id: UUID
    unit: str
    units: int
    reward: str


def redeem_units(program_id: UUID, redemptions: Sequence[Redemption], *, at: datetime) -> list[Journal | NotEnough]:
    """Book a batch of redemptions. Each answer is its journal, or NotEnough where the member has too little."""
    standings = load_standings(program_id, {asked.member_id for asked in redemptions}, lock=True, with_lots=True)
    answers: list[Journal | NotEnough] = []
    for asked in redemptions:
        standing = standings[asked.member_id]
        try:
            journal = redeem(standing, key=asked.key, unit=asked.unit, units=asked.units, reward=asked.reward, at=at)
        except NotEnough as error:
            answers.append(error)
            continue
        standings[asked.member_id] = standing.after([journal])
        answers.append(journal)
    post(program_id, [answer for answer in answers if isinstance(answer, Journal)], booked_at=at)
    return answers

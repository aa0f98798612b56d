"""Announce what became of redemptions: issued, used, cancelled."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import chain
from uuid import UUID

from wafa.core.books import Journal
from wafa.core.ids import caused_id
from wafa.flows.announce import Announcement, announce, of_journal
from wafa.rewards.redemptions import Kept


def announce_vouchers(
    program_id: UUID,
    event: str,
    redemptions: Sequence[Kept],
    *,
    at: datetime,
    codes: Mapping[UUID, str] | None = None,
    booked: Sequence[Journal] = (),
) -> None:
    """Tell the program's endpoints of an `event` such as voucher.issued, with the codes by redemption where known.

    What was `booked` for it is told before.
    """
    announcements = (
        Announcement(
            id=caused_id(f"{event}:{one.id}", at=at),
            type=event,
            occurred_at=at,
            told={
                "redemption": one.id,
                "member": one.member_id,
                "reward": one.reward,
                "version": one.version,
                "unit": one.unit,
                "units": one.units,
                "state": one.state,
                "fulfilment": one.fulfilment,
                "reason": one.reason,
                "code": (codes or {}).get(one.id),
            },
        )
        for one in redemptions
    )
    announce(program_id, chain(map(of_journal, booked), announcements), at=at)

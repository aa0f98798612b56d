"""Have stores make the codes of campaigns, so that a checkout that never asks us knows them too."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from wafa.core.program import Program
from wafa.core.spec import Version
from wafa.relay.operations import NewCommand, put_commands

WRITE_COUPON = "write_coupon"
REVOKE_COUPON = "revoke_coupon"


class NotOpenAnyMore(Exception):
    """The campaign's schedule is over, or by hours and weekdays, which no store can be told."""


def write_coupons(
    program_id: UUID,
    program: Program,
    version: Version,
    campaign: str,
    code_ids: Sequence[UUID | None],
    *,
    at: datetime,
) -> int:
    """Promise that the stores make these codes of a campaign, once it begins. Returns how many were promised.

    None stands for the code that all share.
    What is in a store already is left as it is there. Raises NotOpenAnyMore, and promises nothing then.
    """
    since, _ = span_of(program, version, campaign, at=at)
    begins = max(at, version.effective_from, since or at)
    return _promise(program_id, WRITE_COUPON, version, campaign, code_ids, asked_at=at, at=begins)


def revoke_coupons(
    program_id: UUID, version: Version, campaign: str, code_ids: Sequence[UUID | None], *, at: datetime
) -> int:
    """Promise that these codes of a campaign are taken out of the stores. Returns how many were promised."""
    return _promise(program_id, REVOKE_COUPON, version, campaign, code_ids, asked_at=at, at=at)


def span_of(
    program: Program, version: Version, campaign: str, *, at: datetime
) -> tuple[datetime | None, datetime | None]:
    """From when until when (UTC) a campaign is open, now or next; None for an end that it does not have.

    Raises NotOpenAnyMore.
    """
    opening = program.opening(campaign, version=version.number)
    if opening is None:
        return None, None
    span = opening.span(at)
    if span is None:
        raise NotOpenAnyMore
    return span


def _promise(
    program_id: UUID,
    kind: str,
    version: Version,
    campaign: str,
    code_ids: Sequence[UUID | None],
    *,
    asked_at: datetime,
    at: datetime,
) -> int:
    commands = [
        NewCommand(
            kind=kind,
            key=f"{kind}:{campaign}:{code_id or 'shared'}:{asked_at.isoformat()}",
            payload={"campaign": campaign, "version": version.number, "code": str(code_id) if code_id else ""},
        )
        for code_id in code_ids
    ]
    return len(put_commands(program_id, commands, at=at))

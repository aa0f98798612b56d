"""Have stores make the codes of campaigns, so that a checkout that never asks us knows them too."""

from collections.abc import Collection, Sequence
from contextlib import suppress
from datetime import datetime
from uuid import UUID

from wafa.core.program import Program
from wafa.core.spec import Version
from wafa.coupons.codes import KeptCode, find_codes, mark_written
from wafa.coupons.uses import KeptUse
from wafa.flows.issue_vouchers import list_writers
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

    From then on unique ones are known as written: they go out of the other stores when one has used them up.
    None stands for the code that all share.
    What is in a store already is left as it is there. Raises NotOpenAnyMore, and promises nothing then.
    """
    since, _ = span_of(program, version, campaign, at=at)
    begins = max(at, version.effective_from, since or at)
    mark_written(program_id, [code_id for code_id in code_ids if code_id is not None])
    return _promise(program_id, WRITE_COUPON, version, campaign, code_ids, asked_at=at, at=begins)


def revoke_coupons(
    program_id: UUID, version: Version, campaign: str, code_ids: Sequence[UUID | None], *, at: datetime
) -> int:
    """Promise that these codes of a campaign are taken out of the stores. Returns how many were promised."""
    mark_written(program_id, [code_id for code_id in code_ids if code_id is not None], written=False)
    return _promise(program_id, REVOKE_COUPON, version, campaign, code_ids, asked_at=at, at=at)


def take_out_used_up(program_id: UUID, program: Program, uses: Collection[KeptUse], *, at: datetime) -> None:
    """Have unique codes that are used as often as they may be taken out of the stores where they can still be used.

    A code that can be used once stays in the store whose order has used it: there it is used up.
    """
    for use, code in _written(program_id, uses):
        limit = program.campaign(use.campaign, version=use.version).limits.code
        if code.used >= limit and not use.beyond:
            spare = use.used_on.partition(":")[0] if limit == 1 else ""
            version = program.numbered(use.version)
            _promise(program_id, REVOKE_COUPON, version, use.campaign, [code.id], asked_at=at, at=at, spare=spare)


def put_back_rolled_back(program_id: UUID, program: Program, uses: Collection[KeptUse], *, at: datetime) -> None:
    """Have the codes of uses that were rolled back made again where they were taken out."""
    for use, code in _written(program_id, uses):
        if code.used >= program.campaign(use.campaign, version=use.version).limits.code:
            continue
        # A campaign that is over is written nowhere; whoever asks us can still use the code as it says.
        with suppress(NotOpenAnyMore):
            write_coupons(program_id, program, program.numbered(use.version), use.campaign, [code.id], at=at)


def _written(program_id: UUID, uses: Collection[KeptUse]) -> list[tuple[KeptUse, KeptCode]]:
    """Uses of codes that stores know. No statement where there are none by codes of their own."""
    own = {use.code_id: use for use in uses if use.code_id is not None}
    codes = find_codes(program_id, own)
    written = [(own[code_id], code) for code_id, code in codes.items() if code.written]
    return written if written and list_writers(program_id) else []


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
    spare: str = "",
) -> int:
    commands = [
        NewCommand(
            kind=kind,
            key=f"{kind}:{campaign}:{code_id or 'shared'}:{asked_at.isoformat()}",
            payload={
                "campaign": campaign,
                "version": version.number,
                "code": str(code_id) if code_id else "",
                "spare": spare,
            },
        )
        for code_id in code_ids
    ]
    return len(put_commands(program_id, commands, at=at))

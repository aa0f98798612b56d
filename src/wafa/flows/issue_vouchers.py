"""Issue redemptions whose cost is paid: hand out their vouchers, and promise what others have to make."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from wafa.connectors.contract import StoreFacts
from wafa.connectors.registry import get_connector
from wafa.connectors.vouchers import VoucherWriter
from wafa.core.books import Journal
from wafa.core.partners import is_used_at
from wafa.core.program import Program
from wafa.core.standing import Standing
from wafa.core.vouchers import Maker, grant_credit, has_code, maker_of, valid_until
from wafa.flows.announce import announce_journals
from wafa.flows.announce_vouchers import announce_vouchers
from wafa.ledger.operations import post
from wafa.programs.queries import list_stores, read_store_facts
from wafa.relay.operations import NewCommand, put_commands
from wafa.rewards.models import Fulfilment, RedemptionState
from wafa.rewards.pools import find_codes
from wafa.rewards.redemptions import Kept
from wafa.rewards.vouchers import NewVoucher, put_vouchers

WRITE_VOUCHER = "write_voucher"
CALL_ENDPOINT = "call_endpoint"

_COMMANDS: Mapping[Maker, str] = {"store": WRITE_VOUCHER, "endpoint": CALL_ENDPOINT}


class Issued(Struct, frozen=True, kw_only=True):
    """Redemptions as they are once they were issued, by their ids, and the codes of those that have one."""

    redemptions: Mapping[UUID, Kept] = {}
    codes: Mapping[UUID, str] = {}


def issue_vouchers(
    program_id: UUID,
    program: Program,
    standings: Mapping[UUID, Standing],
    paid: Sequence[Kept],
    *,
    booked: Sequence[Journal] = (),
    at: datetime,
) -> Issued:
    """Issue redemptions that the caller holds, or is about to put down, and writes down as they are returned.

    `standings` are those of their members after they paid, held until the transaction ends. What was `booked` for the
    redemptions is announced with them.
    """
    if not paid:
        announce_journals(program_id, booked, at=at)
        return Issued()
    makers = {one.id: maker_of(program.reward(one.reward, version=one.version)) for one in paid}
    of_partners = find_codes(program_id, [one.id for one in paid if makers[one.id] == "partner"])
    vouchers = {}
    for one in paid:
        version, reward = program.numbered(one.version), program.reward(one.reward, version=one.version)
        if has_code(reward):
            until = valid_until(version, reward, at=at)
            vouchers[one.id] = NewVoucher(redemption_id=one.id, valid_until=until, code=of_partners.get(one.id))
    codes = put_vouchers(program_id, list(vouchers.values()), at=at)

    credited = _credit(program, standings, [one for one in paid if makers[one.id] == "books"], at=at)
    post(program_id, credited, booked_at=at)

    writers = list_writers(program_id) if "store" in makers.values() else []
    issued = []
    for one in paid:
        spec, reward = program.numbered(one.version).spec, program.reward(one.reward, version=one.version)
        in_stores = any(is_used_at(spec, reward, store.code) for store, _ in writers)
        state, fulfilment = _begin(makers[one.id], in_stores=in_stores)
        ends = vouchers[one.id].valid_until if one.id in vouchers else None
        issued.append(replace(one, state=state, fulfilment=fulfilment, due_at=ends, changed_at=at))
    promised = [one for one in issued if one.fulfilment == Fulfilment.PENDING and makers[one.id] in _COMMANDS]
    commands = [voucher_command(_COMMANDS[makers[one.id]], one.id, at=at) for one in promised]
    put_commands(program_id, commands, at=at)
    announce_vouchers(program_id, "voucher.issued", issued, codes=codes, booked=[*booked, *credited], at=at)
    return Issued(redemptions={one.id: one for one in issued}, codes=codes)


def voucher_command(kind: str, redemption_id: UUID, *, at: datetime, spare: str = "") -> NewCommand:
    """The promise to do something about a redemption in all stores but `spare`: once for each time it is asked for."""
    key = f"{kind}:{redemption_id}:{at.isoformat()}"
    return NewCommand(kind=kind, key=key, payload={"redemption": str(redemption_id), "spare": spare})


def list_writers(program_id: UUID) -> list[tuple[StoreFacts, VoucherWriter]]:
    """The active stores that let us write discounts; the others ask our API about a voucher."""
    stores = [(store, read_store_facts(store)) for store in list_stores(program_id) if store.is_active]
    writers = [(facts, get_connector(store.connector).voucher_writer(facts)) for store, facts in stores]
    return [(facts, writer) for facts, writer in writers if writer is not None]


def _begin(maker: Maker, *, in_stores: bool) -> tuple[RedemptionState, Fulfilment]:
    """Credit is used as soon as it is there, and a partner's code is there already."""
    match maker:
        case "books":
            return RedemptionState.USED, Fulfilment.DONE
        case "partner":
            return RedemptionState.ISSUED, Fulfilment.DONE
        case "store":
            return RedemptionState.ISSUED, Fulfilment.PENDING if in_stores else Fulfilment.NONE
        case _:
            return RedemptionState.ISSUED, Fulfilment.PENDING


def _credit(
    program: Program, standings: Mapping[UUID, Standing], paid: Sequence[Kept], *, at: datetime
) -> list[Journal]:
    current = dict(standings)
    journals: list[Journal] = []
    for one in paid:
        granted = grant_credit(
            program,
            current[one.member_id],
            program.numbered(one.version),
            program.reward(one.reward, version=one.version),
            key=str(one.id),
            units=one.units,
            at=at,
        )
        current[one.member_id] = current[one.member_id].after(granted)
        journals += granted
    return journals

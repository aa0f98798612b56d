"""What connected stores say: would they let us write the discounts that programs promise."""

from collections.abc import Iterator
from uuid import UUID

from wafa.connectors.contract import CannotReach, StoreFacts, StoreRefused
from wafa.connectors.vouchers import VoucherWriter
from wafa.flows.issue_vouchers import list_writers
from wafa.jobs.doctor.findings import Finding
from wafa.kit.secrets import CannotUnseal
from wafa.kit.transactions import program_transaction
from wafa.programs.queries import get_program, list_program_ids


def examine_stores() -> Iterator[Finding]:
    """Ask every active store whose discounts we write. Nothing is changed there."""
    for program_id in list_program_ids():
        slug = get_program(program_id).slug
        try:
            writers = _list_writers(program_id)
        except CannotUnseal:
            said = "what the program's stores keep sealed cannot be opened"
            yield Finding.fault(f"stores of {slug}", said, mend="set the WAFA_SECRET_KEY with which it was sealed")
            continue
        for store, writer in writers:
            yield _examine(f"store {slug}/{store.code}", slug, store, writer)


def _list_writers(program_id: UUID) -> list[tuple[StoreFacts, VoucherWriter]]:
    with program_transaction(program_id):
        return list_writers(program_id)


def _examine(subject: str, slug: str, store: StoreFacts, writer: VoucherWriter) -> Finding:
    try:
        writer.check_access()
    except CannotReach as error:
        return Finding.fault(subject, str(error), mend="see whether the store is up, and its address right")
    except StoreRefused as error:
        mend = f"make another key in the store, then `wafa store credentials {slug} {store.code} FILE`"
        return Finding.fault(subject, str(error), mend=mend)
    return Finding.sound(subject, "lets us write discounts")

"""Keep the promise to erase what deliveries and files say of a member who is erased: each piece a transaction.

A worker that dies leaves it to be done again from the beginning; what is gone already is passed over.
"""

from datetime import UTC, datetime
from uuid import UUID

from wafa.flows.erase_traces import erase_deliveries, read_traces
from wafa.imports.moving import erase_file, list_files_to_look_at
from wafa.jobs.acting import GiveUp
from wafa.kit.secrets import CannotUnseal
from wafa.kit.transactions import program_transaction
from wafa.relay.operations import TakenCommand, forget_in_payload


def erase_traces(program_id: UUID, command: TakenCommand) -> None:
    """Read through all that is kept, and forget what was looked for. Raises GiveUp."""
    if "traces" not in command.payload:
        return  # done before, by a worker that died then
    try:
        traces = read_traces(command.payload["traces"])
    except CannotUnseal as error:
        raise GiveUp(str(error)) from None
    after: UUID | None = UUID(int=0)
    while after is not None:
        with program_transaction(program_id):
            after = erase_deliveries(program_id, traces, after=after, at=datetime.now(UTC))
    with program_transaction(program_id):
        imports = list_files_to_look_at(program_id)
    for import_id in imports:
        with program_transaction(program_id):
            erase_file(program_id, import_id, traces.texts)
    with program_transaction(program_id):
        forget_in_payload(program_id, command, "traces")

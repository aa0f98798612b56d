"""In a process of its own: drain a program's inbox as a job of the worker does.

A worker lives long, so each begins with a batch that is not measured, as the limit's statements are prepared.
"""

from datetime import UTC, datetime
from uuid import UUID

from bench.team import Work
from wafa.flows.drain_inbox import drain_inbox
from wafa.jobs.drain import drain_program
from wafa.kit.transactions import program_transaction


def get_ready(program: str) -> Work:
    """Drain a batch; the work ends when the inbox of the program is empty."""
    program_id = UUID(program)
    with program_transaction(program_id):
        drain_inbox(program_id, at=datetime.now(UTC))
    return lambda: drain_program(program_id)

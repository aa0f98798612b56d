"""In a process of its own: drain a program's inbox as a job of the worker does."""

from uuid import UUID

from bench.team import Work
from wafa.jobs.drain import drain_program
from wafa.kit.transactions import program_transaction


def get_ready(program: str) -> Work:
    """Connect; the work ends when the inbox of the program is empty."""
    program_id = UUID(program)
    with program_transaction(program_id):
        pass
    return lambda: drain_program(program_id)

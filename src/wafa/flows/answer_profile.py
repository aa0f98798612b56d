"""Keep what members answer to the program's questions, and find whose profile is complete thereby."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from wafa.core.activities import MemberActivity
from wafa.core.check import check_answers
from wafa.core.complete import completed, is_complete, minds_profiles
from wafa.core.program import Program
from wafa.flows.book_found import book_found
from wafa.members.answers import keep_answers
from wafa.members.queries import load_profiles
from wafa.programs.queries import get_program_rules

Answers = Mapping[str, bool | int | str | None]


def answer_profiles(program_id: UUID, told: Sequence[tuple[UUID, Answers]], *, at: datetime) -> None:
    """Keep answers, given as (member, answers by field); None takes one back. A complete profile earns, once.

    Raises BadActivity with the field, and nothing is written, where an answer is none.
    """
    program = get_program_rules(program_id)
    for _, answers in told:
        check_answers(program, answers, at=at)
    keep_answers(program_id, [(member_id, answers, at) for member_id, answers in told])
    found = find_completed(program_id, program, {member_id for member_id, _ in told}, at=at)
    book_found(program_id, program, found, at=at)


def find_completed(
    program_id: UUID, program: Program, member_ids: Collection[UUID], *, at: datetime
) -> list[tuple[UUID, MemberActivity]]:
    """Those of these members whose profile is complete, each with the activity, whether it is new or not.

    Nothing is read where nothing is granted for it.
    """
    version = program.in_force(at)
    if version is None or not minds_profiles(version.spec) or not member_ids:
        return []
    profiles = load_profiles(program_id, member_ids)
    return [
        (member_id, completed(member_id, at=at))
        for member_id in sorted(profiles)
        if is_complete(version.spec, profiles[member_id])
    ]

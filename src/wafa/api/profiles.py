"""What the program asks its members about themselves, and what one of them has answered, for stores and apps."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

import msgspec

from wafa.api.bodies import read_body
from wafa.api.customers import read_customer
from wafa.api.hot import Answer, Refused, Request
from wafa.api.keys import check_key
from wafa.api.threads import in_a_thread
from wafa.connectors.stores.direct.documents import Answers, Document
from wafa.core.check import BadActivity
from wafa.core.spec import MemberProfile
from wafa.flows.answer_profile import answer_profiles
from wafa.kit.retries import retried
from wafa.kit.transactions import program_transaction
from wafa.members.answers import find_answers
from wafa.programs.queries import get_program_rules


class ProfileBody(Document, frozen=True):
    """Answers by fields; null takes one back, and what is not named stays."""

    answers: Answers


async def show_profile(request: Request) -> Answer:
    """The questions, and what a store's customer has answered."""
    program_id = await check_key(request, scope="read")
    return await in_a_thread(_show, program_id, request)


async def answer_profile(request: Request) -> Answer:
    """A store's customer answers some of the questions."""
    program_id = await check_key(request, scope="write")
    return await in_a_thread(_answer, program_id, request, read_body(request, _BODY))


def _show(program_id: UUID, request: Request) -> Answer:
    with program_transaction(program_id):
        return _tell(program_id, read_customer(program_id, request), at=datetime.now(UTC))


@retried
def _answer(program_id: UUID, request: Request, body: ProfileBody) -> Answer:
    at = datetime.now(UTC)
    try:
        with program_transaction(program_id):
            member_id = read_customer(program_id, request)
            answer_profiles(program_id, [(member_id, body.answers)], at=at)
            return _tell(program_id, member_id, at=at)
    except BadActivity as error:
        field = error.field.replace("profile", "answers", 1)
        message = f"expected {error.expected}"
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, "cannot_understand", message, field=field) from None


def _tell(program_id: UUID, member_id: UUID, *, at: datetime) -> Answer:
    version = get_program_rules(program_id).in_force(at)
    profile = version.spec.profile if version else MemberProfile()
    told: dict[str, Any] = {
        "fields": [field.model_dump(mode="json", exclude_defaults=True) for field in profile.fields],
        "wanted": profile.needed,
        "answers": find_answers(program_id, member_id),
    }
    return Answer(status=HTTPStatus.OK, content={"profile": told})


_BODY = msgspec.json.Decoder(ProfileBody)

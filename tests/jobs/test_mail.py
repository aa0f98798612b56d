"""Mails that the outbox promised, where the worker dies that sends them."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core import mail

from tests.club import Club
from tests.market import UNIQUE, Market, campaign
from tests.world import World
from wafa.flows.hand_out_coupons import HandOut, hand_out_coupons
from wafa.flows.invite_friend import invite_friend
from wafa.jobs import invite, outbox
from wafa.kit.transactions import program_transaction
from wafa.relay.models import Command

pytestmark = pytest.mark.django_db(transaction=True)


class Death(BaseException):
    """The end of a worker: nothing of it catches this."""


def coupon() -> World:
    market, at = Market(campaign(codes=UNIQUE)), datetime.now(UTC)
    ask = HandOut(key="K1", member_id=market.member("c1"), campaign="eid", source="tests", send_at=at)
    with program_transaction(market.program_id):
        hand_out_coupons(market.program_id, [ask], at=at)
    return market


def invitation() -> World:
    club = Club()
    advocate = club.member("c1")
    with program_transaction(club.program_id):
        assert invite_friend(club.program_id, advocate, "friend@example.com", language="en", at=datetime.now(UTC))
    return club


@pytest.mark.parametrize(
    ("promise", "where", "noted_by"),
    [(coupon, outbox, "finish_command"), (invitation, invite, "forget_in_payload")],
)
def test_a_mail_that_is_sent_again_has_the_name_it_had(
    monkeypatch: pytest.MonkeyPatch, settings: Any, promise: Callable[[], World], where: Any, noted_by: str
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.DEFAULT_FROM_EMAIL = "Falcon Coffee <club@قهوة.example>"
    world, other = promise(), promise()

    def dies(*_: object, **__: object) -> None:
        raise Death

    with monkeypatch.context() as dying:
        dying.setattr(where, noted_by, dies)
        with pytest.raises(Death):
            outbox.run_program_outbox(world.program_id)
    assert len(mail.outbox) == 1

    # Once its lease is over another worker takes it up, perhaps on another machine.
    with program_transaction(world.program_id):
        Command.objects.filter(program_id=world.program_id).update(next_attempt_at=datetime.now(UTC))
        (command_id,) = Command.objects.filter(program_id=world.program_id).values_list("id", flat=True)
    monkeypatch.setattr("django.core.mail.message.DNS_NAME", "another-machine")
    outbox.run_program_outbox(world.program_id)
    outbox.run_program_outbox(other.program_id)

    first, again, others = (sent.message()["Message-ID"] for sent in mail.outbox)
    assert first == again == f"<{command_id}@xn--ogb3cpe.example>" != others

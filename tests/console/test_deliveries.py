"""Deliveries in the console: what became of each, the bytes as they came, and taking again what is stuck."""

import re
from typing import Any

import pytest
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from tests.console.reading import content_of, rows_of, words_in
from tests.console.shop import Shop, order_message, refund_before_its_order
from tests.storefront.coffee import on
from wafa.console import deliveries
from wafa.console.bodies import pretty
from wafa.kit.transactions import program_transaction
from wafa.relay.models import Delivery, DeliveryBody, DeliveryState

pytestmark = pytest.mark.django_db

BROKEN = {"type": "order", "order": {"id": "1"}}
TIME = "Jan 6, 2026, 3:00 AM"
WAITS = ["refund", "Main store", "Waiting", TIME, "1", "The store has not told of order 77 yet."]
PARKED = [
    "order",
    "Main store",
    "Parked",
    TIME,
    "1",
    "It could not be understood at $.order.currency. What was expected there: a value, and there is none.",
]
BOOKED = ["order", "Main store", "Booked", TIME, "1", "–"]


class Inbox:
    """A shop to which one delivery of each fate came."""

    client: Client

    def __init__(self) -> None:
        self.shop = Shop()
        self.booked = self.shop.deliver(order_message("2001", 4_000))
        self.parked = self.shop.deliver(BROKEN)
        self.waits = self.shop.deliver(refund_before_its_order("77"), topic="refund")
        self.shop.drain()

    def get(self, path: str = "") -> Any:
        return self.client.get(f"{self.shop.console}deliveries/{path}")

    def post(self, path: str) -> Any:
        return self.client.post(f"{self.shop.console}deliveries/{path}", follow=True)

    def state(self, delivery: Delivery) -> str:
        return self.shop.delivery(delivery.id).state


@pytest.fixture(scope="module")
def full(module_db: None) -> Inbox:
    return Inbox()


@pytest.fixture
def inbox(full: Inbox) -> Inbox:
    full.client = full.shop.employ()
    return full


def test_the_list_tells_what_became_of_each(inbox: Inbox) -> None:
    page = inbox.get()
    assert rows_of(page) == [WAITS, PARKED, BOOKED]
    assert "All New 0 Waiting 1 Booked 1 Ignored 0 Parked 1" in content_of(page)


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("state=parked", [PARKED]),
        ("state=waiting", [WAITS]),
        ("state=done", [BOOKED]),
        ("q=ref", [WAITS]),
        ("q=order&state=done", [BOOKED]),
        ("sort=id", [BOOKED, PARKED, WAITS]),
    ],
)
def test_the_list_is_searched_filtered_and_sorted(inbox: Inbox, query: str, rows: list[list[str]]) -> None:
    assert rows_of(inbox.get(f"?{query}")) == rows


def test_nothing_found_says_what_to_do(inbox: Inbox) -> None:
    assert "No such deliveries Choose another state" in content_of(inbox.get("?state=ignored"))


def test_pages_follow_each_other(inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deliveries, "LIMIT", 2)
    first = inbox.get()
    assert rows_of(first) == [WAITS, PARKED]
    cursor = re.search(r'href="[^"]*(cursor=[^"&]+)[^"]*" rel="next"', first.content.decode())
    assert cursor
    assert rows_of(inbox.get(f"?{cursor[1]}")) == [BOOKED]


def test_a_booked_delivery_leads_to_its_order_and_member(inbox: Inbox) -> None:
    page = inbox.get(f"{inbox.booked.id}/")
    told = content_of(page)
    assert "Order 2001 Paid 40 points granted Body" in told
    assert f"/members/{inbox.shop.member('c1')}/?tab=orders" in page.content.decode()
    assert "Replay" not in told


def test_a_refund_leads_to_what_it_took_back(inbox: Inbox) -> None:
    back = {"id": "r-1", "at": "2026-01-06T12:00:00+03:00", "amount_minor": 1_000}
    later = {
        "updated_at": "2026-01-06T12:00:00+03:00",
        "refunds": [back | {"lines": [{"line_id": "1", "amount_minor": 1_000}]}],
    }
    inbox.shop.deliver(order_message("2001", 4_000, **later), at=on(6))
    inbox.shop.drain(at=on(6))
    told = content_of(inbox.get(f"{inbox.booked.id}/"))
    assert "Order 2001 Partly refunded 40 points granted, 10 points taken back Body" in told


def test_an_account_leads_to_its_member(inbox: Inbox) -> None:
    account = {
        "id": "c9",
        "email": "huda@example.com",
        "name": "Huda Test",
        "created_at": "2026-01-05T12:00:00+03:00",
        "updated_at": "2026-01-05T12:00:00+03:00",
    }
    kept = inbox.shop.deliver({"type": "customer", "customer": account}, topic="customer")
    inbox.shop.drain()
    assert "later Huda Test Member Body" in content_of(inbox.get(f"{kept.id}/"))


def test_what_waits_names_the_order_it_waits_for(inbox: Inbox) -> None:
    told = content_of(inbox.get(f"{inbox.waits.id}/"))
    assert "The store has not told of order 77 yet." in told
    assert "Order 77 not recorded yet" in told


def test_a_delivery_is_shown_as_it_came(inbox: Inbox) -> None:
    page = inbox.get(f"{inbox.parked.id}/").content.decode()
    body = re.search(r'<pre class="code"[^>]*>(.*?)</pre>', page, re.DOTALL)
    assert body
    assert body[1].replace("&quot;", '"') == '{\n  "type": "order",\n  "order": {\n    "id": "1"\n  }\n}'
    assert words_in(page.split("Headers</h2>")[1].split("</section>")[0]).endswith(
        "content-type application/json wafa-id m-1"
    )


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b'{"a":10.50,"b":"\\u0645\\u0631"}', '{\n  "a": 10.50,\n  "b": "مر"\n}'),
        (b'{"a":"\\ud83d\\ude00"}', '{\n  "a": "😀"\n}'),
        (b'{"a":"\\u0022 \\\\u0645"}', '{\n  "a": "\\u0022 \\\\u0645"\n}'),
        (b"webhook_id=7", "webhook_id=7"),
        (b"\xff{", "\ufffd{"),
    ],
)
def test_bytes_are_laid_out_and_not_changed(body: bytes, text: str) -> None:
    assert pretty(body) == text


def test_a_pruned_body_is_told(inbox: Inbox) -> None:
    with program_transaction(inbox.shop.program_id):
        DeliveryBody.objects.filter(program_id=inbox.shop.program_id, delivery_id=inbox.parked.id).delete()
    told = content_of(inbox.get(f"{inbox.parked.id}/"))
    assert "What came is no longer kept" in told
    assert "Replay" not in told
    assert "Nothing was changed." in content_of(inbox.post(f"{inbox.parked.id}/replay/"))
    assert inbox.state(inbox.parked) == DeliveryState.PARKED


@pytest.mark.parametrize("which", ["parked", "waits"])
def test_a_stuck_delivery_is_taken_again(inbox: Inbox, which: str, django_capture_on_commit_callbacks: Any) -> None:
    stuck: Delivery = getattr(inbox, which)
    with django_capture_on_commit_callbacks(execute=True):
        page = inbox.post(f"{stuck.id}/replay/")
    assert "The delivery is taken again now." in content_of(page)
    replayed = inbox.shop.delivery(stuck.id)
    assert (replayed.state, replayed.pending, replayed.attempts, replayed.reason) == ("new", True, 0, "")
    # Other tests leave jobs of their programs behind: the queue is not emptied with the tables.
    wanted = {"program_id": str(inbox.shop.program_id)}
    assert ProcrastinateJob.objects.filter(task_name="drain_inbox", status="todo", args=wanted).count() == 1


def test_a_replayed_delivery_is_booked_once_it_can_be(inbox: Inbox) -> None:
    inbox.shop.deliver(order_message("77", 5_000), at=on(6))
    inbox.shop.drain(at=on(5))
    inbox.post(f"{inbox.waits.id}/replay/")
    inbox.shop.drain(at=on(6))
    assert inbox.state(inbox.waits) == DeliveryState.DONE
    assert inbox.shop.differences() == []


def test_what_is_done_is_not_taken_again(inbox: Inbox, django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True) as started:
        page = inbox.post(f"{inbox.booked.id}/replay/")
    assert "This delivery is not stuck" in content_of(page)
    assert inbox.state(inbox.booked) == DeliveryState.DONE
    assert started == []


def test_all_parked_are_taken_again_at_once(inbox: Inbox) -> None:
    second = inbox.shop.deliver(b"nonsense")
    inbox.shop.drain()
    assert "2 deliveries are taken again now." in content_of(inbox.post("replay/"))
    states = [inbox.state(one) for one in (inbox.parked, second, inbox.waits, inbox.booked)]
    assert states == ["new", "new", "waiting", "done"]

"""Partners in the console: who owes whom, a month to print, and the same for a spreadsheet."""

import csv
from datetime import UTC, datetime, timedelta
from io import StringIO
from zoneinfo import ZoneInfo

import pytest

from tests.console.reading import content_of, rows_of, words_in
from tests.console.shop import Shop
from tests.partners import partner_document
from tests.storefront.coffee import POINTS
from tests.world import order
from wafa.flows.record_payments import Payment, record_payment
from wafa.kit.transactions import program_transaction
from wafa.ledger.partners import list_owed, list_payments

pytestmark = pytest.mark.django_db

NOW = datetime.now(UTC)
CLOSED = NOW.replace(day=1) - timedelta(days=20)
DAY = f"{CLOSED:%Y-%m-%d}"


class Alliance(Shop):
    """A shop with two partners: one earned and was paid in the last month, the other has done nothing."""

    def __init__(self) -> None:
        super().__init__(partner_document(units=[POINTS | {"maturity": {"kind": "at_once"}}]))
        for store in ("oasis", "pearl-web", "pearl-hall"):
            self.connect(store, name=store.title())
        self.take(order("O1", 20_000, customer="c9"), store="oasis", at=CLOSED)
        self.ask("c9@example.com", "book", key="B1", at=CLOSED)
        payment = Payment(partner="oasis", payer="partner", amount_minor=100, reference="T1", paid_at=CLOSED)
        with program_transaction(self.program_id):
            record_payment(self.program_id, payment, at=CLOSED)

    def owed(self, partner: str) -> int:
        with program_transaction(self.program_id):
            return {one.partner: one.amount_minor for one in list_owed(self.program_id, before=datetime.now(UTC))}[
                partner
            ]


@pytest.fixture(scope="module")
def alliance(module_db: None) -> Alliance:
    return Alliance()


def plain(text: str) -> str:
    return text.replace("\xa0", " ")


def test_all_accounts_are_listed_and_come_to_nothing(alliance: Alliance) -> None:
    page = alliance.employ().get(f"{alliance.console}partners/")
    assert [[plain(cell) for cell in row] for row in rows_of(page)] == [
        ["O Oasis Books", "oasis", "The partner owes SAR 0.70.", "+SAR 0.70"],
        ["P Pearl Cinema", "pearl-web, pearl-hall", "Nobody owes anything.", "SAR 0.00"],
        ["The program", "–", "The other side of all accounts", "-SAR 0.70"],
    ]


def test_a_month_is_stated(alliance: Alliance) -> None:
    client = alliance.employ(role="viewer")
    page = client.get(f"{alliance.console}partners/oasis/?day={DAY}")
    assert [[plain(cell) for cell in row] for row in rows_of(page)] == [
        ["Opening balance", "–", "–", "SAR 0.00"],
        ["Earned in the partner's stores", "200 points", "SAR 1.25 for 100 points", "+SAR 2.50"],
        ["Used for the partner's rewards", "80 points", "SAR 1.00 for 100 points", "-SAR 0.80"],
        ["Paid by the partner", "–", "–", "-SAR 1.00"],
        ["Closing balance", "–", "–", "SAR 0.70"],
    ]
    told = plain(content_of(page))
    assert "The partner owes SAR 0.70." in told
    assert "Not over yet" not in told
    now = plain(content_of(client.get(f"{alliance.console}partners/oasis/")))
    assert "Not over yet" in now
    assert "Opening balance – – SAR 0.70 Closing balance – – SAR 0.70" in now


def paying(**fields: str) -> dict[str, str]:
    today = f"{NOW.astimezone(ZoneInfo('Asia/Riyadh')):%Y-%m-%d}"
    return {"payer": "partner", "amount": "0.50", "paid_on": today, "reference": "SA-77", "note": "October"} | fields


def test_a_payment_is_recorded_once_with_who_when_and_why(alliance: Alliance) -> None:
    client, address = alliance.employ(), f"{alliance.console}partners/oasis/"
    page = client.post(f"{address}payments/", paying(), follow=True)
    told = plain(content_of(page))
    assert "The payment is recorded." in told
    assert "Opening balance – – SAR 0.70 Paid by the partner – – -SAR 0.50 Closing balance – – SAR 0.20" in told
    today = f"{NOW.astimezone(ZoneInfo('Asia/Riyadh')):%b %-d, %Y}"
    assert f"Paid by the partner {today} SA-77 SAR 0.50 owner@example.com October" in told

    assert "It was recorded before." in content_of(
        client.post(f"{address}payments/", paying(note="again"), follow=True)
    )
    refused = client.post(f"{address}payments/", paying(amount="0.60"))
    assert refused.status_code == 409
    assert "Another payment has this reference." in refused.content.decode()
    assert alliance.owed("oasis") == 20

    client.post(f"{address}payments/", paying(payer="program", amount="0.30", reference="SA-78"))
    assert alliance.owed("oasis") == 50
    assert alliance.differences() == []


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"amount": "a lot"}, "expected a decimal amount such as"),
        ({"amount": "0"}, "expected an amount above zero"),
        ({"amount": "-1"}, "expected an amount that is not negative"),
        ({"amount": "0.505"}, "has more than the 2 decimals of SAR"),
        ({"paid_on": "soon"}, "expected a time such as 2026-03-01"),
        ({"paid_on": "2099-01-01"}, "expected a time that has passed"),
        ({"paid_on": ""}, "expected a time that has passed"),
        ({"reference": " "}, "expected what the bank calls it"),
    ],
)
def test_what_is_wrong_with_a_payment_stands_beside_it_and_nothing_is_recorded(
    alliance: Alliance, fields: dict[str, str], says: str
) -> None:
    answer = alliance.employ().post(f"{alliance.console}partners/oasis/payments/", paying(**fields))
    assert answer.status_code == 409
    assert says in words_in(answer.content.decode().split('class="field-fault">')[1].split("</p>")[0])
    assert 'value="October"' in answer.content.decode()
    assert alliance.owed("oasis") == 70


def test_a_payment_is_typed_in_the_digits_and_the_calendar_of_the_program(alliance: Alliance) -> None:
    alliance.wear(locale="fa", digits="persian", calendar="jalali")
    client = alliance.employ()
    fields = paying(amount="۰٫۵۰", paid_on="۱۴۰۴-۱۲-۱۰")
    answer = client.post(f"{alliance.console}partners/oasis/payments/", fields, follow=True)
    assert "پرداخت ثبت شد." in content_of(answer)
    with program_transaction(alliance.program_id):
        paid = list_payments(alliance.program_id, "oasis", begins=NOW, ends=NOW + timedelta(days=1))
    assert [(one.amount_minor, one.paid_at.isoformat()) for one in paid] == [(-50, "2026-02-28T21:00:00+00:00")]


def test_a_viewer_records_nothing(alliance: Alliance) -> None:
    viewer = alliance.employ("viewer@example.com", "viewer")
    assert "Record a payment" not in content_of(viewer.get(f"{alliance.console}partners/oasis/"))
    assert viewer.post(f"{alliance.console}partners/oasis/payments/", paying()).status_code == 403
    assert alliance.owed("oasis") == 70


def test_it_is_there_for_spreadsheets(alliance: Alliance) -> None:
    answer = alliance.employ().get(f"{alliance.console}partners/oasis/statement.csv?day={DAY}")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(StringIO(answer.content.decode("utf-8-sig"))))
    assert [(row["line"], row["amount_minor"]) for row in rows] == [
        ("opening", "0"),
        ("granted", "250"),
        ("redeemed", "-80"),
        ("paid", "-100"),
        ("closing", "70"),
    ]


@pytest.mark.parametrize("path", ["osis/", "oasis/?day=soon", "osis/statement.csv"])
def test_what_is_not_there_is_not_found(alliance: Alliance, path: str) -> None:
    assert alliance.employ().get(f"{alliance.console}partners/{path}").status_code == 404


def test_a_program_without_partners_does_not_speak_of_them() -> None:
    shop = Shop()
    client = shop.employ()
    assert "Partners" not in client.get(shop.console).content.decode()
    assert "This program has no partners" in content_of(client.get(f"{shop.console}partners/"))


def test_strangers_see_nothing(alliance: Alliance) -> None:
    other = Shop()
    client = other.employ("stranger@example.com")
    for path in ("partners/", "partners/oasis/", "partners/oasis/statement.csv"):
        assert client.get(f"{alliance.console}{path}").status_code == 404

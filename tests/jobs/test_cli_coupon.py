"""`wafa coupon`: codes come and go as files, and every code has its story."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from django.core import mail

from tests.market import UNIQUE, Market, campaign, reasons, used
from wafa.core.snapshots import CustomerRef
from wafa.coupons.models import Handout
from wafa.flows.accept_terms import give_consent
from wafa.jobs.cli import coupon
from wafa.jobs.outbox import run_program_outbox
from wafa.kit.transactions import program_transaction
from wafa.members.operations import add_to_list
from wafa.programs.queries import get_program

pytestmark = pytest.mark.django_db(transaction=True)


def run(market: Market, name: str, *arguments: str) -> Result:
    return CliRunner().invoke(coupon.command, [name, get_program(market.program_id).slug, *arguments])


def test_codes_are_made_exported_and_used(tmp_path: Path) -> None:
    market = Market(campaign(codes={**UNIQUE, "length": 8}))
    assert run(market, "generate-codes", "eid", "25").output == "Made 25 codes.\n"
    file = tmp_path / "codes.csv"
    assert run(market, "export-codes", "eid", "--output", str(file)).exit_code == 0
    heading, *rows = file.read_text("utf-8-sig").splitlines()
    assert heading == "code,used,member,valid_until"
    codes = [row.split(",")[0] for row in rows]
    assert len(set(codes)) == 25
    assert {len(code) for code in codes} == {len("EID-XXXX-XXXX")}
    used(market.use_coupons(codes[0]))
    assert f"{codes[0]},1,," in run(market, "export-codes", "eid").output


def test_codes_of_others_are_imported_once(tmp_path: Path) -> None:
    market = Market(campaign(codes={"kind": "unique"}))
    file = tmp_path / "theirs.txt"
    file.write_text("\ufeffPAPER-1\npaper 1\n\nPAPER-2\n", "utf-8")
    assert run(market, "import-codes", "eid", str(file)).output == "Added 2 codes.\n"
    assert run(market, "import-codes", "eid", str(file)).output == "Added 0 codes.\n"
    used(market.use_coupons("paper-2"))


def test_a_code_tells_its_story() -> None:
    market = Market(campaign(codes={"kind": "unique"}, valid_days=10), campaign("nowruz"))
    code = run(market, "hand-out", "eid", "c1@example.com", "--key", "K1").output.strip()
    assert run(market, "hand-out", "eid", "c1@example.com", "--key", "K1").output.strip() == code
    told = run(market, "look-up", code.lower()).output
    assert f"of        {market.member('c1')}, valid until 20" in told
    assert "Not used." in told

    used(market.use_coupons("NOWRUZ"))
    assert "(all share it)" in run(market, "look-up", "nowruz").output
    assert "used  main:B1  5.00 SAR off" in run(market, "look-up", "nowruz").output
    assert "nowruz: rolled_back" in run(market, "roll-back", "main", "B1").output
    assert "rolled_back  main:B1" in run(market, "look-up", "nowruz").output


def test_a_campaign_has_a_statement() -> None:
    market = Market(campaign(), campaign("nowruz", codes=UNIQUE))
    market.codes("nowruz", count=3)
    used(market.use_coupons("EID"))
    used(market.use_coupons("EID", on="B2"))
    market.roll_back("B2")
    assert run(market, "statement").output.splitlines() == [
        "eid: 0 codes, 0 handed out, 1 uses (0 beyond a limit), 1 rolled back, 5.00 SAR off, 0 units.",
        "nowruz: 3 codes, 0 handed out, 0 uses (0 beyond a limit), 0 rolled back, nothing off, 0 units.",
    ]


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (("generate-codes", "nobody", "5"), "has no campaign 'nobody'"),
        (("generate-codes", "eid", "5"), "its document says `codes: shared`"),
        (("hand-out", "eid", "c1@example.com", "--key", "K"), "no_own_codes"),
        (("hand-out", "eid", "nobody@example.com", "--key", "K"), "has no member 'nobody@example.com'"),
        (("look-up", "NONE"), "No coupon of"),
        (("roll-back", "main", "B9"), "No coupon was used on B9"),
    ],
)
def test_what_cannot_be_done_is_told(command: tuple[str, ...], said: str) -> None:
    result = run(Market(campaign()), *command)
    assert result.exit_code == 1
    assert said in result.output


def test_a_code_of_another_member_is_refused() -> None:

    market = Market(campaign(codes={"kind": "unique"}), customers=2)
    code = run(market, "hand-out", "eid", "c2@example.com", "--key", "K1").output.strip()
    assert reasons(market.use_coupons(code)) == ["not_yours"]
    used(market.use_coupons(code, customer=CustomerRef(external_id="c2")))


BUYERS = {"id": "buyers", "name": {"en": "Buyers"}, "conditions": [{"kind": "spend", "at_least_minor": 1}]}
PRESS = {"id": "press", "name": {"en": "Press"}}


@pytest.fixture
def mailing(settings: Any) -> Market:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    return Market(
        campaign(codes=UNIQUE),
        campaign("news", codes=UNIQUE, conditions=[{"kind": "segment", "segments": ["press"]}]),
        campaign("open"),
        customers=3,
        segments=[BUYERS, PRESS],
    )


def mails(market: Market) -> list[str]:
    run_program_outbox(market.program_id)
    return sorted(sent.to[0] for sent in mail.outbox)


def handed(market: Market) -> list[str]:
    with program_transaction(market.program_id):
        return list(Handout.objects.filter(program_id=market.program_id).values_list("campaign", flat=True))


def test_a_segment_is_sent_a_campaign_once(mailing: Market) -> None:
    told = run(mailing, "send", "eid", "--segment", "buyers").output
    assert told == "Handed out and to be sent: 3. Had it before: 0.\n"
    assert run(mailing, "send", "eid", "--segment", "buyers").output == (
        "Handed out and to be sent: 0. Had it before: 3.\n"
    )
    assert mails(mailing) == mails(mailing) == [f"c{n}@example.com" for n in (1, 2, 3)]
    assert handed(mailing) == ["eid"] * 3
    again = run(mailing, "send", "eid", "--segment", "buyers", "--key", "spring").output
    assert again.startswith("Handed out and to be sent: 3.")


def test_who_did_not_agree_is_handed_nothing(mailing: Market) -> None:
    member_id = mailing.member("c1")
    with program_transaction(mailing.program_id):
        give_consent(mailing.program_id, member_id, "newsletter", given=True, source="page", at=datetime.now(UTC))
    assert run(mailing, "send", "eid", "--segment", "buyers").output.splitlines() == [
        "Handed out and to be sent: 1. Had it before: 0.",
        "Left out, no_consent: 2.",
    ]
    assert (mails(mailing), handed(mailing)) == (["c1@example.com"], ["eid"])


def test_a_campaign_is_sent_to_its_own_audience(mailing: Market) -> None:
    listed = [mailing.member("c2"), mailing.member("c3")]
    with program_transaction(mailing.program_id):
        add_to_list(mailing.program_id, "press", listed, at=datetime.now(UTC))
    assert run(mailing, "send", "news").output == "Handed out and to be sent: 2. Had it before: 0.\n"
    assert mails(mailing) == ["c2@example.com", "c3@example.com"]
    # Whoever is named beside it has to be in both.
    assert run(mailing, "send", "news", "--segment", "buyers").output == (
        "Handed out and to be sent: 0. Had it before: 2.\n"
    )


def test_mails_to_many_are_spread_over_minutes(mailing: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coupon, "_MAILS_A_MINUTE", 2)
    assert run(mailing, "send", "eid", "--segment", "buyers").output.startswith("Handed out and to be sent: 3.")
    assert len(mails(mailing)) == 2  # the third is due in a minute


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["eid"], "eid is for everybody: --segment names whom to send it to."),
        (["open", "--segment", "buyers"], "no campaign 'open' with unique codes now."),
        (["eid", "--segment", "vip"], "there is no segment 'vip'"),
    ],
)
def test_what_cannot_be_sent_is_refused(mailing: Market, arguments: list[str], why: str) -> None:
    result = run(mailing, "send", *arguments)
    assert (result.exit_code, why in result.output) == (1, True)
    assert (mails(mailing), handed(mailing)) == ([], [])


def test_nothing_is_handed_out_where_no_mail_can_be_sent(mailing: Market, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    result = run(mailing, "send", "eid", "--segment", "buyers")
    assert (result.exit_code, "WAFA_SMTP_URL" in result.output, handed(mailing)) == (1, True, [])


def test_one_code_can_be_sent_as_it_is_handed_out(mailing: Market) -> None:
    code = run(mailing, "hand-out", "eid", "c2@example.com", "--key", "K1", "--send").output.strip()
    assert mails(mailing) == ["c2@example.com"]
    assert code in str(mail.outbox[0].body)

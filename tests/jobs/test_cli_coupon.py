"""`wafa coupon`: codes come and go as files, and every code has its story."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.market import UNIQUE, Market, campaign, reasons, used
from wafa.core.snapshots import CustomerRef
from wafa.jobs.cli import coupon
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

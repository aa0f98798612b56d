"""`wafa preview`, `wafa program explain` and `wafa backtest` say what was, or would be, decided, and only read."""

import json
from datetime import timedelta
from pathlib import Path

import click
import pytest
import yaml
from click.testing import CliRunner, Result

from tests.world import BEGAN, World, order, spec_document
from wafa.core.snapshots import Refund
from wafa.jobs.cli.backtest import command as backtest
from wafa.jobs.cli.preview import command as preview
from wafa.jobs.cli.program.explain import explain
from wafa.kit.transactions import program_transaction
from wafa.ledger.queries import program_totals
from wafa.programs.queries import get_program

pytestmark = pytest.mark.django_db(transaction=True)

CART = {
    "currency": "SAR",
    "customer": {"id": "c1"},
    "lines": [{"id": "1", "product_id": "cup", "quantity": 1, "subtotal_minor": 4_550, "total_minor": 4_550}],
    "total_minor": 4_550,
}


def run(command: click.Command, *arguments: object) -> Result:
    return CliRunner(env={"COLUMNS": "120"}).invoke(command, [str(argument) for argument in arguments])


def plain(result: Result) -> str:
    """What was said, with spaces that may break."""
    assert result.exit_code == 0, result.output
    return result.stdout.replace("\u00a0", " ")


def slug(world: World) -> str:
    return get_program(world.program_id).slug


def written(path: Path, document: object) -> Path:
    path.write_text(yaml.safe_dump(document, allow_unicode=True))
    return path


def books(world: World) -> object:
    with program_transaction(world.program_id):
        return program_totals(world.program_id)


def test_a_preview_tells_what_a_cart_would_earn_and_books_nothing(tmp_path: Path) -> None:
    world = World()
    cart = tmp_path / "cart.json"
    cart.write_text(json.dumps(CART))

    result = run(preview, slug(world), cart, "--store", "main")

    assert plain(result).startswith("Points on every order\n  SAR 45.50 of the order counted")
    assert "    This earns          45 points\n" in plain(result)
    assert books(world) == []


def test_a_preview_tells_what_entering_a_tier_brings(tmp_path: Path) -> None:
    mug = {"id": "mug", "name": {"en": "A mug"}, "cost": {"kind": "free"}}
    mug["gives"] = {"kind": "free_product", "products": ["mug"]}
    cart = tmp_path / "cart.json"
    cart.write_text(json.dumps(CART))

    for reward, told in (({"unit": "points", "units": 500}, "500 points"), ({"reward": "mug"}, "A mug")):
        gold = {"id": "gold", "name": {"en": "Gold"}, "entry": {"orders": 1}, "entry_reward": reward}
        world = World(spec_document(tiers={"ladder": [gold]}, rewards=[mug]))
        result = plain(run(preview, slug(world), cart, "--store", "main"))
        assert result.endswith(f"Gold\n  Entering Gold grants this: {told}.\n")


def test_a_preview_says_why_nothing_is_earned_in_the_readers_language(tmp_path: Path) -> None:
    rule = spec_document()["earning"][0] | {"minimum_minor": 10_000}
    world = World(spec_document(earning=[rule]))
    cart = tmp_path / "cart.json"
    cart.write_text(json.dumps(CART))

    result = run(preview, slug(world), cart, "--store", "main", "--language", "ar")

    assert result.output == "- نقاط على كل طلب: المحتسَب أقل من الحد الأدنى.\n"


def test_a_cart_that_cannot_be_read_is_refused_with_its_field(tmp_path: Path) -> None:
    cart = tmp_path / "cart.json"
    cart.write_text(json.dumps(CART | {"total_minor": "much"}))

    result = run(preview, slug(World()), cart, "--store", "main")

    assert result.exit_code == 1
    assert f"{cart}: $.total_minor: expected `int`" in result.output


def test_a_preview_in_a_store_that_is_none_is_refused(tmp_path: Path) -> None:
    world = World()
    cart = tmp_path / "cart.json"
    cart.write_text(json.dumps(CART))

    result = run(preview, slug(world), cart, "--store", "mian")

    assert (result.exit_code, "has no store 'mian'; `wafa store connect` connects one." in result.output) == (1, True)


def test_an_explanation_equals_the_books_after_a_refund_and_a_new_version() -> None:
    world = World()
    back = Refund(id="R", at=BEGAN + timedelta(days=3), amount_minor=4_000)
    world.take(order("O1", 10_000), at=BEGAN + timedelta(days=1))
    world.publish(spec_document(earning=[]), at=BEGAN + timedelta(days=2))
    world.take(order("O1", 10_000, refunds=(back,), as_of=back.at), order("O2", 5_000, day=2), at=back.at)

    kept = plain(run(explain, slug(world), "main", "O1"))
    nothing = plain(run(explain, slug(world), "main", "O2"))

    assert "SAR 100.00 of the order counted, at 1 point for every SAR 1.00: 100 points." in kept
    assert "  Kept after edits and refunds: 60 points.\n  The books have the same.\n" in kept
    assert nothing == "Nothing was to be earned: the program of that day has no rule for it.\n"


def test_an_order_that_nobody_told_of_cannot_be_explained() -> None:
    world = World()
    assert "the store main has told of no order 'O9'" in run(explain, slug(world), "main", "O9").output
    assert "has no store 'other'" in run(explain, slug(world), "other", "O9").output


def test_recorded_orders_are_tried_against_the_live_version(tmp_path: Path) -> None:
    world = World()
    world.take(order("O1", 10_000), order("O2", 5_000, customer="c2", day=40), order("O3", 900, email="g@example.com"))
    before = books(world)
    double = spec_document()["earning"][0] | {"minimum_minor": 1_000}
    double["award"] = {"kind": "per_amount", "units": 2, "per_minor": 100, "mode": "step"}
    draft = written(tmp_path / "draft.yaml", spec_document(earning=[double]))
    page = tmp_path / "answer.html"

    result = run(backtest, draft, "--program", slug(world), "--html", page)

    lines = [" ".join(line.split()) for line in plain(result).splitlines()]
    assert "Paid orders 3 3" in lines
    assert "Points on every order Draft 2 300 points 300 points" in lines
    assert "Points on every order Compared 3 159 points 159 points" in lines
    assert "points: 2 members earn more · 1 member earns less · 0 members earn the same" in lines
    assert f"{world.member('c1')} 100 200 +100" in lines
    assert books(world) == before
    assert page.read_text("utf-8").count("<svg") == 3
    assert "Owed to members at the end of each month" in page.read_text("utf-8")


def test_a_backtest_needs_orders(tmp_path: Path) -> None:
    draft = written(tmp_path / "draft.yaml", spec_document())
    assert "expected --program, --csv or both" in run(backtest, draft).output


def test_a_file_that_is_no_history_is_refused(tmp_path: Path) -> None:
    draft = written(tmp_path / "draft.yaml", spec_document())
    orders = tmp_path / "orders.csv"
    orders.write_text("order,total\n1,2.00\n")

    result = run(backtest, draft, "--csv", orders)

    assert result.exit_code == 1
    assert "customer, paid_at is missing" in result.output

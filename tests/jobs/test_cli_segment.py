"""`wafa segment`: counting, listing, keeping lists, and what is refused."""

import pytest
import yaml
from click.testing import CliRunner

from tests.world import World, order, spec_document
from wafa.core.spec import RfmScale
from wafa.jobs.cli import segment
from wafa.programs.queries import get_program

pytestmark = pytest.mark.django_db(transaction=True)

SEGMENTS = [
    {"id": "press", "name": {"en": "Press"}},
    {"id": "buyers", "name": {"en": "Buyers"}, "conditions": [{"kind": "spend", "at_least_minor": 50_00}]},
]


@pytest.fixture
def world() -> World:
    world = World(spec_document(segments=SEGMENTS))
    world.take(order("O1", 50_00), order("O2", 10_00, customer="c2"))
    return world


def run(world: World, name: str, *arguments: str, fails: bool = False) -> str:
    result = CliRunner().invoke(segment.command, [name, get_program(world.program_id).slug, *arguments])
    assert (result.exit_code != 0) == fails, result.output
    return result.output


def test_segments_are_counted_and_listed(world: World) -> None:
    assert run(world, "count") == "        0  list  press\n        1  rule  buyers\n"
    assert run(world, "list", "buyers") == f"{world.member('c1')}\n"


def test_segments_are_reported(world: World) -> None:
    assert run(world, "report").replace("\u00a0", " ").splitlines() == [
        "press: members 0, orders 0, spend SAR 0.00",
        "buyers: members 1, orders 1, spend SAR 50.00",
        "  points: 50 points outstanding",
    ]


def test_staff_keep_lists_by_e_mail_or_id(world: World) -> None:
    both = ("C1@example.com", str(world.member("c2")))

    assert run(world, "add", "press", *both) == "Put on the list press: 2.\n"
    assert run(world, "add", "press", "c1@example.com") == "Put on the list press: 0.\n"
    assert run(world, "list", "press").split() == sorted(str(world.member(name)) for name in ("c1", "c2"))
    assert run(world, "remove", "press", both[1]) == "Taken off the list press: 1.\n"
    assert run(world, "count").startswith("        1  list  press")


def test_what_is_no_list_and_who_is_no_member_is_refused(world: World) -> None:
    assert "they say who is in it" in run(world, "add", "buyers", "c1@example.com", fails=True)
    assert "of these: press, buyers" in run(world, "list", "vip", fails=True)
    assert "nothing was changed: c9" in run(world, "add", "press", "c1@example.com", "c9", fails=True)
    assert run(world, "list", "press") == ""


def test_a_proposed_scale_is_part_of_a_document(world: World) -> None:
    told = yaml.safe_load(run(world, "propose", "--within-days", "36500"))

    scale = RfmScale.model_validate(told["rfm"])
    assert (scale.frequency, scale.monetary_minor) == ((2, 3, 4, 5), (10_01, 10_02, 50_01, 50_02))


def test_without_orders_there_is_nothing_to_propose() -> None:
    assert "nobody has bought" in run(World(), "propose", fails=True)

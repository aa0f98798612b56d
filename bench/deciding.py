"""How many orders the core decides in a second on one core, by the largest of the templates."""

import cProfile
import io
import pstats
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from msgspec import Struct

from bench.orders import STORE, make_body
from wafa.connectors.contract import Delivery, StoreFacts
from wafa.connectors.registry import get_connector
from wafa.core.backtest import since_ever
from wafa.core.compare import OrderActivity, compare
from wafa.core.decide import decide
from wafa.core.member_book import MemberBook
from wafa.core.program import Program
from wafa.core.snapshots import OrderSnapshot
from wafa.core.standing import Standing
from wafa.programs.templates import Template, fill_template, list_templates

LEAST = 20_000
"""Orders a second that the core has to decide."""

_CALLS = 5_000
_REPEATS = 7


class Decided(Struct, frozen=True, kw_only=True):
    """Orders decided in a second of one core by a `template`. `profile` says where the time goes."""

    template: str
    per_second: float
    profile: str


def measure_deciding(*, lines: int) -> Decided:
    """Decide orders like the benchmark's: each the first of a new member, which leads to their first tier.

    No two are the same, as nothing decides one again. The best of several rows counts, for others only disturb. The
    profile has so many `lines`.
    """
    template = find_largest()
    program, activities = since_ever(template.spec), [make_activity(f"o-{number}") for number in range(_CALLS)]
    standing = MemberBook(program, UUID(int=1)).standing
    least = min(_time(program, standing, activities) for _ in range(_REPEATS))
    return Decided(
        template=template.name,
        per_second=_CALLS / least,
        profile=_profile(program, standing, activities, lines=lines),
    )


def find_largest() -> Template:
    """The template with most to decide by, for a store whose average order is the benchmark's."""
    templates = [fill_template(name, currency="SAR", average_minor=25_000) for name in list_templates()]
    return max(templates, key=lambda template: len(template.spec.model_dump_json(exclude_defaults=True)))


def make_activity(order_id: str) -> OrderActivity:
    """The payment of one of the benchmark's orders."""
    at = datetime.now(UTC)
    store = StoreFacts(code=STORE, currency="SAR", country="SA")
    order = get_connector("direct").translate(Delivery({}, make_body(order_id, customer=1, at=at), at), store)[0]
    assert isinstance(order, OrderSnapshot)
    return compare(None, order, order_id=UUID(int=2), store=STORE)[1][0]


def _time(program: Program, standing: Standing, activities: Sequence[OrderActivity]) -> float:
    started = time.process_time()
    for activity in activities:
        decide(program, standing, activity)
    return time.process_time() - started


def _profile(program: Program, standing: Standing, activities: Sequence[OrderActivity], *, lines: int) -> str:
    profiler = cProfile.Profile()
    profiler.runcall(_time, program, standing, activities)
    text = io.StringIO()
    pstats.Stats(profiler, stream=text).strip_dirs().sort_stats("tottime").print_stats(lines)
    return text.getvalue()

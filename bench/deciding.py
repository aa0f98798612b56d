"""How many orders the core decides in a second on one core, by the largest document at hand."""

import cProfile
import io
import pstats
import time
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import yaml
from msgspec import Struct

from bench.orders import STORE, make_body
from wafa.connectors.contract import Delivery, StoreFacts
from wafa.connectors.registry import get_connector
from wafa.core.backtest import since_ever
from wafa.core.compare import OrderActivity, compare
from wafa.core.decide import decide
from wafa.core.program import Program
from wafa.core.snapshots import OrderSnapshot
from wafa.core.spec import Fault, ProgramSpec, read_spec
from wafa.core.standing import Standing

LEAST = 20_000
"""Orders a second that the core has to decide."""

_ROOT = Path(__file__).parents[1]
_CALLS = 5_000
_REPEATS = 7
_LINES = 40


class Decided(Struct, frozen=True, kw_only=True):
    """Orders decided in a second by the document in `file`. `profile` says where the time goes, where asked for."""

    file: str
    rules: int
    per_second: float
    profile: str = ""


def measure_deciding(*, with_profile: bool = False) -> Decided:
    """Decide the benchmark's order again and again; the best of several rows counts, for others only disturb."""
    file, spec = _find_largest()
    program, activity = since_ever(spec), _make_activity()
    standing = Standing(member_id=UUID(int=1))
    least = min(_time(program, standing, activity) for _ in range(_REPEATS))
    return Decided(
        file=str(file.relative_to(_ROOT)),
        rules=len(spec.earning),
        per_second=_CALLS / least,
        profile=_profile(program, standing, activity) if with_profile else "",
    )


def _find_largest() -> tuple[Path, ProgramSpec]:
    found = []
    for file in sorted([*_ROOT.glob("src/wafa/**/*.yaml"), *_ROOT.glob("docs/examples/*.yaml")]):
        try:
            found.append((file, read_spec(yaml.safe_load(file.read_text("utf-8")))))
        except Fault:
            continue
    return max(found, key=lambda each: len(each[1].model_dump_json()))


def _make_activity() -> OrderActivity:
    at = datetime.now(UTC)
    store = StoreFacts(code=STORE, currency="SAR", country="SA")
    order = get_connector("direct").translate(Delivery({}, make_body("one", customer=1, at=at), at), store)[0]
    assert isinstance(order, OrderSnapshot)
    return compare(None, order, order_id=UUID(int=2), store=STORE)[1][0]


def _time(program: Program, standing: Standing, activity: OrderActivity) -> float:
    started = time.perf_counter()
    for _ in range(_CALLS):
        decide(program, standing, activity)
    return time.perf_counter() - started


def _profile(program: Program, standing: Standing, activity: OrderActivity) -> str:
    profiler = cProfile.Profile()
    profiler.runcall(_time, program, standing, activity)
    text = io.StringIO()
    pstats.Stats(profiler, stream=text).strip_dirs().sort_stats("tottime").print_stats(_LINES)
    return text.getvalue()

"""A history brought in over HTTP: kept once, previewed, read otherwise, tried, run, surveyed and undone."""

import csv
from collections.abc import Iterator
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import httpx
import pytest

from tests.served import served
from tests.world import World
from wafa.imports.models import Import
from wafa.jobs.imports.work import run_imports
from wafa.kit.transactions import program_transaction
from wafa.programs.operations import create_api_key

pytestmark = pytest.mark.django_db(transaction=True)

FILE = "Email,Points Balance\nhessa@example.com,1250\nbehnam@example.com,340\nlayla@example.com,twelve\n"
ORDERS = "Order,Email,Paid at,Total\nA1,hessa@example.com,2025-03-01,120.00\n"


class System:
    """A merchant's own system, with a key that may manage and one that may not."""

    def __init__(self, origin: str) -> None:
        self.world = World()
        self.origin = f"{origin}/api/v1"
        with program_transaction(self.world.program_id):
            self.tokens = {
                scope: create_api_key(self.world.program_id, name=scope, scopes=[scope], at=datetime.now(UTC)).token
                for scope in ("read", "write", "manage")
            }

    def ask(self, method: str, path: str, *, scope: str = "manage", key: str = "", **sent: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.tokens[scope]}", **({"Idempotency-Key": key} if key else {})}
        return httpx.request(method, f"{self.origin}/{path}", headers=headers, timeout=60, **sent)

    def keep(self, text: str = FILE, *, key: str = "K1", **asked: str) -> httpx.Response:
        told = {"kind": "members", "name": "before.csv"} | asked
        return self.ask("POST", "imports", params=told, content=text.encode(), key=key)

    def start(self, import_id: str, wish: str, **body: str) -> httpx.Response:
        return self.ask("POST", f"imports/{import_id}/{wish}", json=body)

    def look(self, import_id: str) -> dict[str, Any]:
        told: dict[str, Any] = self.ask("GET", f"imports/{import_id}").json()["import"]
        return told

    def work(self) -> int:
        return run_imports(self.world.program_id)

    def count(self) -> int:
        with program_transaction(self.world.program_id):
            return Import.objects.filter(program_id=self.world.program_id).count()


@pytest.fixture
def system() -> Iterator[System]:
    with served() as origin:
        yield System(origin)


def test_a_history_goes_in_and_out_again(system: System) -> None:
    kept = system.keep()
    assert kept.status_code == 201
    import_id = kept.json()["import"]["id"]
    assert kept.json()["import"]["reading"]["columns"] == {"email": "Email", "points": "Points Balance"}

    preview = system.ask("GET", f"imports/{import_id}/preview").json()
    assert preview["columns"][1] == {"name": "Points Balance", "read_as": "points"}
    assert preview["rows"][0]["member"]["opening"]["available"] == 1_250
    assert preview["rows"][2] == {
        "line": 4,
        "fault": {"column": "points", "expected": "expected a whole number, got 'twelve'"},
    }

    assert (system.start(import_id, "try").status_code, system.work()) == (202, 1)
    assert (system.look(import_id)["state"], system.look(import_id)["dry_run"]["taken"]) == ("ready", 2)

    assert (system.start(import_id, "run").json()["import"]["state"], system.work()) == ("queued", 1)
    done = system.look(import_id)
    assert (done["state"], done["taken"], done["refused"]) == ("done", 2, 1)
    assert system.world.balance("hessa@example.com").available == 1_250

    refused = system.ask("GET", f"imports/{import_id}/refused")
    assert refused.headers["content-type"] == "text/csv; charset=utf-8"
    assert list(csv.reader(StringIO(refused.text)))[1][:3] == ["4", "points", "expected a whole number, got 'twelve'"]

    assert (system.start(import_id, "survey").status_code, system.work()) == (202, 1)
    assert system.look(import_id)["survey"]["found"]["units"] == {"points": 1_590}
    assert (system.start(import_id, "undo", when_used="refuse").status_code, system.work()) == (202, 1)
    assert system.look(import_id)["state"] == "undone"
    assert system.world.differences() == []


def test_the_same_key_keeps_a_file_once(system: System) -> None:
    first, again = system.keep(), system.keep()
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["import"]["id"] == again.json()["import"]["id"]
    other = system.keep(name="another.csv")
    assert (other.status_code, other.json()["error"]["code"]) == (409, "key_taken")
    assert system.keep(key="K2").status_code == 201
    assert [one["name"] for one in system.ask("GET", "imports").json()["imports"]] == ["before.csv", "before.csv"]


def test_a_large_file_comes_in_parts_that_may_be_told_twice(system: System) -> None:
    import_id = system.keep("email,points\na@example.com,1\nb@exa").json()["import"]["id"]

    def part(place: int, text: str) -> httpx.Response:
        return system.ask("PUT", f"imports/{import_id}/parts/{place}", content=text.encode())

    assert part(2, "x").json()["error"]["field"] == "part"
    assert part(1, "mple.com,2\nc@exam").json()["import"]["lines"] == 3
    assert part(1, "mple.com,20\nc@exam").json()["import"]["lines"] == 3
    assert part(2, "ple.com,300\n").json()["import"]["lines"] == 4
    system.start(import_id, "run")
    system.work()
    assert [system.world.balance(f"{who}@example.com").available for who in "abc"] == [1, 20, 300]
    late = part(3, "d@example.com,4\n")
    assert (late.status_code, late.json()["error"]["code"]) == (409, "cannot_be_done")


def test_columns_and_days_are_read_as_one_says(system: System) -> None:
    import_id = system.keep("who,has\nhessa@example.com,7\n").json()["import"]["id"]
    refused = system.ask("POST", f"imports/{import_id}/reading", json={"columns": {"points": "has"}})
    assert (refused.status_code, refused.json()["error"]["field"]) == (422, "columns")
    told = {"columns": {"email": "who", "points": "has"}, "on_fault": "stop", "calendar": "jalali"}
    changed = system.ask("POST", f"imports/{import_id}/reading", json=told).json()["import"]["reading"]
    assert (changed["columns"], changed["on_fault"]) == ({"email": "who", "points": "has"}, "stop")
    (row,) = system.ask("GET", f"imports/{import_id}/preview").json()["rows"]
    assert row["member"]["customer"]["email"] == "hessa@example.com"


def test_orders_name_their_store(system: System) -> None:
    assert system.keep(ORDERS, kind="orders").json()["error"]["field"] == "store"
    import_id = system.keep(ORDERS, kind="orders", store="main").json()["import"]["id"]
    (row,) = system.ask("GET", f"imports/{import_id}/preview").json()["rows"]
    assert (row["order"]["number"], row["order"]["total_minor"], row["order"]["currency"]) == ("A1", 12_000, "SAR")


def test_what_is_refused_keeps_nothing(system: System) -> None:
    nowhere = f"imports/{system.world.program_id}"
    told = [
        (system.keep(kind="gold"), 422, "cannot_understand"),
        (system.keep(preset="nobody"), 422, "cannot_understand"),
        (system.keep("\x89PNG\x00"), 422, "cannot_understand"),
        (system.keep(store="nowhere"), 404, "no_such_store"),
        (system.keep(key=""), 422, "cannot_understand"),
        (system.ask("POST", "imports", scope="write", key="K9"), 403, "not_allowed"),
        (system.ask("GET", "imports", scope="read"), 403, "not_allowed"),
        (system.ask("GET", nowhere), 404, "no_such_import"),
        (system.ask("GET", f"{nowhere}/preview"), 404, "no_such_import"),
        (system.ask("GET", f"{nowhere}/refused"), 404, "no_such_import"),
        (system.ask("PUT", f"{nowhere}/parts/1"), 404, "no_such_import"),
        (system.ask("POST", f"{nowhere}/reading", json={}), 404, "no_such_import"),
        (system.start(str(system.world.program_id), "run"), 404, "no_such_import"),
    ]
    assert [(answer.status_code, answer.json()["error"]["code"]) for answer, _, _ in told] == [
        (status, code) for _, status, code in told
    ]
    assert system.count() == 0


def test_what_is_not_possible_now_changes_nothing(system: System) -> None:
    import_id = system.keep().json()["import"]["id"]
    for wish in ("survey", "undo"):
        assert system.start(import_id, wish).json()["error"]["code"] == "cannot_be_done"
    assert system.start(import_id, "undo", when_used="gladly").status_code == 422
    assert system.look(import_id)["state"] == "ready"


def test_another_programs_import_is_not_there(system: System) -> None:
    import_id = system.keep().json()["import"]["id"]
    other = System(system.origin.removesuffix("/api/v1"))
    assert other.ask("GET", f"imports/{import_id}").status_code == 404
    assert other.start(import_id, "run").status_code == 404

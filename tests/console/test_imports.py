"""Bringing a history in on the console: upload, mapping, dry run, run and undo, each by what the page says."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.console.histories import FILE, bring_history
from tests.console.reading import content_of, rows_of
from tests.console.shop import Shop
from wafa.imports.models import Import, ImportState
from wafa.jobs.imports.work import run_imports
from wafa.kit.transactions import program_transaction

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop() -> Shop:
    return Shop()


def the_import(shop: Shop) -> Import:
    with program_transaction(shop.program_id):
        return Import.objects.get(program_id=shop.program_id)


def upload(shop: Shop, client: Any, text: str = FILE, **fields: str) -> Any:
    file = SimpleUploadedFile("before.csv", text.encode(), content_type="text/csv")
    told = {"kind": "members", "store": "", "file": file} | fields
    return client.post(f"{shop.console}imports/keep/", told, follow=True)


def test_a_file_is_looked_at_tried_brought_in_and_taken_out(shop: Shop) -> None:
    client = shop.employ()
    page = content_of(upload(shop, client))
    assert "Ready" in page
    assert "Line 2 حصة الدوسري · hessa@example.com · 1,250" in page
    assert "Line 4 Refused Points: expected a whole number, got 'twelve'" in page
    address = f"{shop.console}imports/{the_import(shop).id}/"

    client.post(f"{address}start/try/")
    assert "Being tried" in content_of(client.get(address))
    assert run_imports(shop.program_id) == 1
    page = content_of(client.get(address))
    assert "Rows that would be taken 2 Rows that would be refused 1 New members 2" in page
    assert "What members would have 1,590 points" in page

    client.post(f"{address}start/run/")
    assert 'hx-trigger="every 2s"' in client.get(address).content.decode()
    run_imports(shop.program_id)
    assert the_import(shop).state == ImportState.DONE
    assert "Line 4 of 4" in content_of(client.get(address))
    assert [row[:4] for row in rows_of(client.get(f"{shop.console}imports/"))] == [["before.csv", "Done", "2", "1"]]
    assert shop.balance("hessa@example.com").available == 1_250
    refused = client.get(f"{address}refused.csv").getvalue().decode()
    assert refused.splitlines()[1].startswith("4,points,")

    client.post(f"{address}start/undo/", {"when_used": "refuse"})
    run_imports(shop.program_id)
    assert the_import(shop).state == ImportState.UNDONE
    assert shop.differences() == []


def test_what_undoing_would_do_is_shown_before_it_can_be_asked_for(shop: Shop) -> None:
    client = shop.employ()
    upload(shop, client)
    address = f"{shop.console}imports/{the_import(shop).id}/"
    client.post(f"{address}start/run/")
    run_imports(shop.program_id)
    shop.redeem("hessa@example.com", 50, key="R1", at=datetime.now(UTC))
    page = content_of(client.get(address))
    assert "See what this would do" in page
    assert "Undo this import" not in page

    client.post(f"{address}start/survey/")
    waiting = client.get(address)
    assert "is being worked out" in content_of(waiting)
    assert 'hx-trigger="every 2s"' in waiting.content.decode()
    run_imports(shop.program_id)

    page = content_of(client.get(address))
    assert "Taken back 1,590 points Of these used meanwhile 50 points Members who used any 1" in page
    assert "Members of whom it told 2" in page
    assert "let them be owed" in page
    assert the_import(shop).state == ImportState.DONE
    assert shop.balance("hessa@example.com").available == 1_200

    client.post(f"{address}start/undo/", {"when_used": "debt"})
    run_imports(shop.program_id)
    assert the_import(shop).state == ImportState.UNDONE
    assert the_import(shop).survey is None
    assert shop.balance("hessa@example.com").debt == 50


def test_nothing_is_to_be_chosen_where_nothing_was_used(shop: Shop) -> None:
    client = shop.employ()
    upload(shop, client)
    address = f"{shop.console}imports/{the_import(shop).id}/"
    assert client.post(f"{address}start/survey/", follow=True).status_code == 200
    assert run_imports(shop.program_id) == 0  # nothing is in the books yet
    client.post(f"{address}start/run/")
    client.post(f"{address}start/survey/")
    run_imports(shop.program_id)
    client.post(f"{address}start/survey/")
    run_imports(shop.program_id)
    page = content_of(client.get(address))
    assert "Undo this import" in page
    assert "let them be owed" not in page


def test_what_is_wrong_with_a_row_is_said_in_the_readers_language(shop: Shop) -> None:
    client = shop.employ()
    upload(shop, client)
    address = f"{shop.console}imports/{the_import(shop).id}/"
    client.cookies["django_language"] = "ar"
    assert "النقاط: المتوقع عدد صحيح، والموجود 'twelve'" in content_of(client.get(address))
    client.post(f"{address}start/run/")
    run_imports(shop.program_id)
    client.cookies["django_language"] = "fa"
    page = content_of(client.get(address))
    assert "امتیاز: اینجا باید عدد صحیح باشد، اما 'twelve' آمده است" in page
    assert "expected" not in page


def test_columns_are_said_aloud(shop: Shop) -> None:
    client = shop.employ()
    upload(shop, client, "who,has\nhessa@example.com,7\n")
    address = f"{shop.console}imports/{the_import(shop).id}/"
    page = client.post(f"{address}change/", {"column-points": "has"}, follow=True)
    assert "Say at least who each row is about" in content_of(page)

    page = client.post(f"{address}change/", {"column-email": "who", "column-points": "has"}, follow=True)

    assert "It is read like this now." in content_of(page)
    assert "Line 2 hessa@example.com · 7" in content_of(page)


def test_units_that_were_used_stop_undoing_and_that_is_said(shop: Shop) -> None:
    client = shop.employ()
    upload(shop, client)
    address = f"{shop.console}imports/{the_import(shop).id}/"
    client.post(f"{address}start/run/")
    run_imports(shop.program_id)
    shop.redeem("hessa@example.com", 50, key="R1", at=datetime.now(UTC))

    client.post(f"{address}start/undo/", {"when_used": "refuse"})
    run_imports(shop.program_id)

    assert the_import(shop).state == ImportState.DONE
    assert "50 units that came by it were used meanwhile" in content_of(client.get(address))
    client.cookies["django_language"] = "fa"
    assert "50 واحد از آنچه با این ورود آمد پیش از این خرج شده است" in content_of(client.get(address))
    assert shop.balance("hessa@example.com").available == 1_200


@pytest.mark.parametrize(
    ("text", "fields", "says"),
    [
        ("\x89PNG\x00\x00", {}, "This file is no table."),
        (FILE, {"kind": "orders"}, "Choose the store whose orders these are."),
        (FILE, {"kind": "gold"}, "Choose a file, and what it tells."),
    ],
)
def test_what_cannot_be_kept_is_said(shop: Shop, text: str, fields: dict[str, str], says: str) -> None:
    assert says in content_of(upload(shop, shop.employ(), text, **fields))


def test_a_viewer_looks_and_changes_nothing(shop: Shop) -> None:
    import_id = bring_history(shop)
    viewer = shop.employ("viewer@example.com", "viewer")
    address = f"{shop.console}imports/{import_id}/"
    assert "Bring it in" not in content_of(viewer.get(address))
    for path in ("start/run/", "start/undo/", "change/"):
        assert viewer.post(f"{address}{path}").status_code == 403
    assert upload(shop, viewer).status_code == 403
    assert the_import(shop).state == ImportState.READY

"""Pages by cursor: whole, in order, both ways, also where values are equal and rows come in between."""

from uuid import UUID

import pytest

from tests.world import BEGAN
from wafa.kit.ids import new_id
from wafa.kit.paging import BadCursor, Page, read_page
from wafa.kit.transactions import program_transaction
from wafa.members.models import Member
from wafa.programs.operations import create_program

pytestmark = pytest.mark.django_db


@pytest.fixture
def program_id() -> UUID:
    program_id = create_program(slug=f"p-{new_id().hex}", name="Pages", currency="SAR", at=BEGAN)
    add(program_id, "b", "a", "b", "c", "b", "a", "")
    return program_id


def add(program_id: UUID, *names: str) -> None:
    with program_transaction(program_id):
        for name in names:
            Member.objects.create(program_id=program_id, state="guest", search_name=name, created_at=BEGAN)


def read(program_id: UUID, order: str, cursor: str = "", limit: int = 3) -> Page[Member]:
    with program_transaction(program_id):
        return read_page(Member.objects.filter(program_id=program_id), order=order, limit=limit, cursor=cursor)


def walk(program_id: UUID, order: str) -> list[Page[Member]]:
    pages = [read(program_id, order)]
    while pages[-1].next:
        pages.append(read(program_id, order, pages[-1].next))
    return pages


@pytest.mark.parametrize("order", ["id", "-id", "search_name", "-search_name"])
def test_pages_make_the_whole_list_in_both_directions(program_id: UUID, order: str) -> None:
    pages = walk(program_id, order)
    whole = read(program_id, order, limit=100).rows
    assert [len(page.rows) for page in pages] == [3, 3, 1]
    assert [row for page in pages for row in page.rows] == whole
    keys = [(row.search_name, row.id) if "name" in order else row.id for row in whole]
    assert keys == sorted(keys, reverse=order.startswith("-"))
    assert pages[2].previous
    back = read(program_id, order, pages[2].previous)
    assert (back.rows, bool(back.previous), bool(back.next)) == (pages[1].rows, True, True)
    assert back.previous
    first = read(program_id, order, back.previous)
    assert (first.rows, first.previous, first.next) == (pages[0].rows, None, pages[0].next)


def test_what_comes_in_between_moves_nothing(program_id: UUID) -> None:
    first = read(program_id, "search_name")
    expected = read(program_id, "search_name", first.next or "").rows
    add(program_id, "", "a")
    assert [row.search_name for row in first.rows] == ["", "a", "a"]
    # The new "a" stands after the old ones, where the second page begins; the new "" before, where nobody looks again.
    assert read(program_id, "search_name", first.next or "").rows[1:] == expected[:2]


def test_an_empty_list_has_no_neighbours(program_id: UUID) -> None:
    with program_transaction(program_id):
        page = read_page(Member.objects.filter(program_id=new_id()), order="id", limit=3)
    assert page == Page(rows=[], previous=None, next=None)


@pytest.mark.parametrize("cursor", ["x", "bm8", "WzFd", "WyJhIiwiYiIsZmFsc2Vd", "WyJhIiwiYiIsMF0"])
def test_what_no_page_gave_out_is_refused(program_id: UUID, cursor: str) -> None:
    with pytest.raises(BadCursor, match=r"cursor: expected one that a page of this list gave out"):
        read(program_id, "id", cursor)

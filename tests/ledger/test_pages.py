"""The examples on docs/algorithms/books.md and lots.md come out as they are told."""

import re
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from tests.ledger.books import Books, accrual, day, run_table
from wafa.core.books import Lot
from wafa.core.lots import NotEnough, draw
from wafa.core.redeem import redeem

PAGES = Path(__file__).parents[2] / "docs" / "algorithms"


def blocks(page: str, kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", (PAGES / page).read_text(), re.DOTALL)


@pytest.mark.django_db
@pytest.mark.parametrize("number", [0, 1])
def test_books(number: int) -> None:
    tables = blocks("books.md", "books")
    assert len(tables) == 2
    run_table(tables[number])


@pytest.mark.django_db
def test_lots() -> None:
    (example,) = blocks("lots.md", "lots")
    books = Books()
    names: dict[UUID, str] = {}
    done = 0
    for line in example.strip().splitlines():
        if opened := re.fullmatch(r"lot (\w): (\d+) points, (?:ends on day (\d+)|never ends)", line):
            name, units, ends = opened.groups()
            dates: dict[str, Any] = {"expires_at": day(int(ends))} if ends else {}
            # Granted in the order in which they are told.
            books.post(accrual(books.member, name, int(units), at=day(1 + len(names)), **dates))
            names[books.lot(name).id] = name
            continue
        move = re.fullmatch(r"day (\d+): redeem (\d+), (?:from (.*)|refused with (\d+) left)", line)
        assert move is not None, line
        number, units, taken, left = move.groups()
        at, standing = day(int(number)), books.standing()
        lots: list[Lot] = standing.lots_of(unit="points")
        if left:
            with pytest.raises(NotEnough) as refused:
                draw(lots, int(units), at=at)
            assert refused.value.available == int(left), line
        else:
            draws = draw(lots, int(units), at=at)
            assert ", ".join(f"{names[drawn.lot_id]} {drawn.amount}" for drawn in draws) == taken, line
            books.post(redeem(standing, key=line, unit="points", units=int(units), reward="coffee", at=at))
        done += 1
    assert (len(names), done) == (4, 5)
    assert books.differences() == []

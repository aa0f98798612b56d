"""What a template calls the things that Falcon Coffee sells: its rules ask for shelves of another kind of store."""

from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace

from wafa.core.snapshots import OrderLine, OrderSnapshot
from wafa.jobs.demo.history import History
from wafa.jobs.demo.lives import Told


class Shelf(Struct, frozen=True, kw_only=True):
    """Where else a thing stands."""

    categories: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()


# By the collection of the catalogue. A bag of beans is what a café pours, and what a grocer sells fresh.
_SHELVES: Mapping[str, Mapping[str, Shelf]] = {
    "cafe-stamps": {"beans": Shelf(categories=("drinks",))},
    "grocery-cashback": {"beans": Shelf(categories=("fresh",))},
    "electronics-credit": {name: Shelf(categories=("accessories",)) for name in ("cups", "extras")},
    "fashion-points": {"gifts": Shelf(collections=("new-season",))},
}


def rename_shelves(history: History, template: str) -> History:
    """The same history in a store of the template's kind."""
    shelves = _SHELVES.get(template)
    return history if shelves is None else replace(history, told=tuple(_rename(told, shelves) for told in history.told))


def _rename(told: Told, shelves: Mapping[str, Shelf]) -> Told:
    if not isinstance(told.fact, OrderSnapshot):
        return told
    lines = tuple(_put(line, shelves) for line in told.fact.lines)
    return replace(told, fact=replace(told.fact, lines=lines))


def _put(line: OrderLine, shelves: Mapping[str, Shelf]) -> OrderLine:
    found = [shelf for name, shelf in shelves.items() if name in line.collections]
    return replace(
        line,
        categories=(*line.categories, *(name for shelf in found for name in shelf.categories)),
        collections=(*line.collections, *(name for shelf in found for name in shelf.collections)),
    )

"""A program with two partners: a bookshop and a cinema, each with its own rule and reward."""

from typing import Any

from tests.world import World, spec_document

OASIS = {
    "id": "oasis",
    "name": {"en": "Oasis Books", "ar": "كتب الواحة", "fa": "کتاب واحه"},
    "stores": ["oasis"],
    "currency": "SAR",
    "rates": [{"unit": "points", "units": 100, "minor": 125, "redeemed_minor": 100}],
}
PEARL = {
    "id": "pearl",
    "name": {"en": "Pearl Cinema", "ar": "سينما اللؤلؤة", "fa": "سینما مروارید"},
    "stores": ["pearl-web", "pearl-hall"],
    "currency": "SAR",
    "rates": [{"unit": "points", "units": 3, "minor": 2}],
}


def rule(name: str, **changes: Any) -> dict[str, Any]:
    """A point for every unit of money."""
    award = {"kind": "per_amount", "units": 1, "per_minor": 100, "mode": "proportional"}
    return {"id": name, "name": {"en": name.title()}, "unit": "points", "award": award} | changes


def reward(name: str, units: int, **changes: Any) -> dict[str, Any]:
    """A product for so many points."""
    cost = {"kind": "fixed", "unit": "points", "units": units}
    gives = {"kind": "free_product", "products": [name]}
    return {"id": name, "name": {"en": f"A {name}"}, "gives": gives, "cost": cost} | changes


def partner_document(**changes: Any) -> dict[str, Any]:
    """A point for every riyal, in the program's own stores and in those of both partners."""
    told: dict[str, Any] = {
        "partners": [OASIS, PEARL],
        "earning": [rule("own"), rule("books", partner="oasis"), rule("films", partner="pearl")],
        "rewards": [reward("coffee", 50), reward("book", 80, partner="oasis"), reward("film", 120, partner="pearl")],
    }
    return spec_document(**(told | changes))


def partner_world(**changes: Any) -> World:
    """The program with the stores of its partners."""
    world = World(partner_document(**changes))
    for store in ("oasis", "pearl-web", "pearl-hall"):
        world.connect(store, name=store.title())
    return world

"""Which lines of an order are meant: those selected by name, narrowed by price, sale, channel and store."""

from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from wafa.core.spec.parts import Misfit, Part, Positive, Whole


class Selection(Part):
    """Lines by any of these: a line that is named once is selected."""

    products: tuple[str, ...] = ()
    variants: tuple[str, ...] = ()
    skus: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    vendors: tuple[str, ...] = ()

    @cached_property
    def names(self) -> frozenset[tuple[str, str]]:
        """Everything that is named, as (field, name): a list of thousands is looked up as fast as one of two."""
        return frozenset((field, name) for field, names in self.by_field for name in names)

    @cached_property
    def by_field(self) -> tuple[tuple[str, frozenset[str]], ...]:
        """Each field that names something, with what it names."""
        fields = [(field, frozenset[str](getattr(self, field))) for field in Selection.model_fields]
        return tuple((field, names) for field, names in fields if names)


class PriceRange(Part):
    """What one piece costs before discounts: from `from_minor` on, and less than `below_minor`."""

    from_minor: Annotated[Whole, Field(ge=0, le=10**12)] = 0
    below_minor: Positive | None = None

    @model_validator(mode="after")
    def _some_prices(self) -> Self:
        if self.below_minor is not None and self.below_minor <= self.from_minor:
            raise Misfit("below_minor", f"must be above from_minor, which is {self.from_minor}")
        return self


class Scope(Part):
    """Lines that count: all, or those in `include`; never those in `exclude`.

    `price`, `sale_items`, `channels` and `stores` narrow that further; an empty list takes every channel or store.
    """

    include: Selection | None = None
    exclude: Selection = Selection()
    price: PriceRange | None = None
    sale_items: Literal["count", "only", "never"] = "count"
    channels: tuple[str, ...] = ()
    stores: tuple[str, ...] = ()

    @cached_property
    def is_every_line(self) -> bool:
        """Whether every line counts, so that none has to be looked at."""
        return self.include is None and not self.exclude.names and self.price is None and self.sale_items == "count"

    @cached_property
    def is_everything(self) -> bool:
        """Whether every line of every order counts."""
        return self.is_every_line and not self.channels and not self.stores

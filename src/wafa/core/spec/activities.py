"""What members may do beside ordering, and what is told of it: the kinds that are known, and a program's own."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from wafa.core.spec.parts import Code, Misfit, Names, Part

_LARGEST = 10**12
_LONGEST = 500


class Property(Part):
    """Something that an activity says. `money` is in minor units of its currency; `least` and `most` bound integers.

    A rule counts the money that is called `amount`, and the integer that is called `quantity`.
    """

    type: Literal["text", "integer", "boolean", "money"]
    required: bool = False
    least: Annotated[int, Field(ge=-_LARGEST, le=_LARGEST)] | None = None
    most: Annotated[int, Field(ge=-_LARGEST, le=_LARGEST)] | None = None

    @model_validator(mode="after")
    def _bounds_a_number(self) -> Self:
        for name in ("least", "most"):
            if getattr(self, name) is not None and self.type != "integer":
                raise Misfit(name, "expected none: only integers have bounds")
        if self.least is not None and self.most is not None and self.most < self.least:
            raise Misfit("most", f"must not be below least, which is {self.least}")
        return self

    def expects(self, value: object) -> str | None:
        """What was expected instead of `value`; None where it fits."""
        match self.type:
            case "text":
                fits = isinstance(value, str) and 0 < len(value) <= _LONGEST
                expected = f"a text of 1 to {_LONGEST} characters"
            case "boolean":
                fits, expected = isinstance(value, bool), "true or false"
            case "integer":
                least = -_LARGEST if self.least is None else self.least
                most = _LARGEST if self.most is None else self.most
                fits, expected = _is_between(least, value, most), f"a whole number from {least} to {most}"
            case "money":
                fits, expected = _is_between(0, value, _LARGEST), f"minor units from 0 to {_LARGEST}"
        return None if fits else expected


def _is_between(least: int, value: object, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


class CustomActivity(Part):
    """A kind of activity of the program's own: rules and stores call it `custom:<id>`."""

    id: Code
    name: Names
    properties: dict[Code, Property] = Field(default={}, max_length=50)

    @property
    def kind(self) -> str:
        return f"custom:{self.id}"


Properties = Mapping[str, Property]

_TEXT, _INTEGER, _BOOLEAN, _MONEY = (
    Property(type="text"),
    Property(type="integer"),
    Property(type="boolean"),
    Property(type="money"),
)

KINDS: Mapping[str, Properties] = {
    "signup": {},
    "birthday": {"age": _INTEGER},
    "membership_anniversary": {"years": _INTEGER},
    "review": {
        "product": _TEXT,
        "stars": Property(type="integer", least=1, most=5),
        "text": _BOOLEAN,
        "photo": _BOOLEAN,
        "video": _BOOLEAN,
    },
    "social_follow": {"network": _TEXT},
    "social_share": {"network": _TEXT},
    "mention": {"network": _TEXT, "hashtag": _TEXT},
    "newsletter_signup": {"list": _TEXT},
    "survey_answered": {"survey": _TEXT},
    "visit": {"place": _TEXT},
    "referral_completed": {},
    "profile_completed": {},
    "app_installed": {"platform": _TEXT},
    "receipt_uploaded": {"amount": _MONEY, "place": _TEXT},
    "recycling": {"quantity": Property(type="integer", required=True, least=1), "material": _TEXT},
}
"""The kinds that every program knows, and their properties."""

FOUND = frozenset({"signup", "birthday", "membership_anniversary"})
"""What a program finds by itself, once for each member or each year: no store can tell it."""

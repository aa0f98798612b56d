"""What members may do beside ordering, and what is told of it: the kinds that are known, and a program's own."""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from wafa.core.spec.parts import Code, Names, Part
from wafa.core.spec.values import TypedValue


class Property(TypedValue):
    """Something that an activity says. `money` is in minor units of its currency; `least` and `most` bound integers.

    A rule counts the money that is called `amount`, and the integer that is called `quantity`.
    """

    type: Literal["text", "integer", "boolean", "money"]
    required: bool = False


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

PROFILE_COMPLETED = "profile_completed"
"""Found by a program that says what it wants to know; where it does not, a store may tell it."""

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
    PROFILE_COMPLETED: {},
    "app_installed": {"platform": _TEXT},
    "receipt_uploaded": {"amount": _MONEY, "place": _TEXT},
    "recycling": {"quantity": Property(type="integer", required=True, least=1), "material": _TEXT},
}
"""The kinds that every program knows, and their properties."""

FOUND = frozenset({"signup", "birthday", "membership_anniversary"})
"""What every program finds by itself, once for each member or each year: no store can tell it."""

"""What a program asks its members about themselves, and why."""

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from wafa.core.spec.faults import none_of
from wafa.core.spec.members import HasDetails, ProfileIs
from wafa.core.spec.nesting import walk
from wafa.core.spec.parts import Code, Misfit, Names, Part
from wafa.core.spec.values import TypedValue, check_value

DETAILS = ("name", "email", "phone")
"""What a store tells of its customers by itself."""


class Choice(Part):
    """One of the answers to choose from."""

    id: Code
    name: Names


class _Question(Part):
    id: Code
    name: Names
    reason: Names


# The question's own fields come before its type when a document is written.
class ProfileField(TypedValue, _Question):
    """A question to members, with the `reason` why it is asked, which they are shown.

    It is answered by a text, a whole number, yes or no, or by one of `choices`.
    """

    type: Literal["text", "integer", "boolean", "choice"]
    choices: Annotated[tuple[Choice, ...], Field(max_length=50)] = ()

    @model_validator(mode="after")
    def _has_something_to_choose(self) -> Self:
        ids = [choice.id for choice in self.choices]
        if self.type == "choice" and len(ids) < 2:
            raise Misfit("choices", "expected two or more")
        if self.type != "choice" and ids:
            raise Misfit("choices", f"expected none: it is of type {self.type}")
        if len(set(ids)) != len(ids):
            raise Misfit("choices", "each id may be used once")
        return self

    def expects(self, value: object) -> str | None:
        if self.type != "choice":
            return super().expects(value)
        ids = [choice.id for choice in self.choices]
        return None if value in ids else f"one of {', '.join(ids)}"


class MemberProfile(Part):
    """What members are asked. A profile is complete once all that is `wanted` was told, which completes it once.

    Wanted are fields, and the details `name`, `email` and `phone`; where nothing is named, all of the fields.
    """

    fields: Annotated[tuple[ProfileField, ...], Field(max_length=50)] = ()
    wanted: tuple[Code, ...] = ()

    @cached_property
    def by_id(self) -> Mapping[str, ProfileField]:
        return {field.id: field for field in self.fields}

    @cached_property
    def needed(self) -> tuple[str, ...]:
        """What has to be told; nothing where the program does not say when a profile is complete."""
        return self.wanted or tuple(self.by_id)


def check_profile(profile: MemberProfile) -> None:
    """Raise Misfit where fields share a name, or something is wanted that nobody is asked for."""
    for place, field in enumerate(profile.fields):
        if field.id in DETAILS or profile.by_id[field.id] is not field:
            raise Misfit(f"profile.fields.{place}.id", f"each id may be used once, and none of {', '.join(DETAILS)}")
    for place, name in enumerate(profile.wanted):
        if name not in (*DETAILS, *profile.by_id):
            raise Misfit(f"profile.wanted.{place}", none_of(name, "details and fields", [*DETAILS, *profile.by_id]))


def check_asked(conditions: Iterable[Part], profile: MemberProfile, *, path: str) -> None:
    """Raise Misfit where a condition asks for a detail or a field that there is not, or for what it never is."""
    for here, condition in walk(conditions, path):
        if isinstance(condition, HasDetails):
            for place, name in enumerate(condition.told):
                if name not in (*DETAILS, *profile.by_id):
                    known = [*DETAILS, *profile.by_id]
                    raise Misfit(f"{here}.told.{place}", none_of(name, "details and fields", known))
        if isinstance(condition, ProfileIs):
            asked = profile.by_id.get(condition.field)
            if asked is None or asked.type == "text":
                known = [field.id for field in profile.fields if field.type != "text"]
                raise Misfit(f"{here}.field", none_of(condition.field, "fields of the profile but texts", known))
            check_value(condition, asked, name=condition.field, path=here)

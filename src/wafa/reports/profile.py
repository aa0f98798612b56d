"""What a program asks its members about themselves, and what one of them has answered."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from wafa.activities.queries import has_done
from wafa.core.program import Program
from wafa.core.spec import DETAILS, PROFILE_COMPLETED, Fixed, ProfileField, ProgramSpec
from wafa.kit.formats import Formats
from wafa.members.answers import find_answers
from wafa.members.models import Member
from wafa.reports.phrases import Phrase, list_names, name_of, say


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A field of the profile for one reader: what is asked, why, and how it was answered (`answer`), if it was.

    `choices` are (id, name), also of yes and no; `typed` is the answer as a form has it.
    """

    field: ProfileField
    name: str
    reason: str
    choices: list[tuple[str, str]]
    typed: str
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfilePage:
    """All questions. `missing` names what is still wanted, `promises` say what a complete profile gives."""

    questions: list[Question]
    missing: str
    promises: list[Phrase]


def read_profile_page(
    program_id: UUID, member: Member, *, program: Program, formats: Formats, at: datetime
) -> ProfilePage | None:
    """What is asked of the member; None where the program asks nothing."""
    version = program.in_force(at)
    if version is None or not version.spec.profile.fields:
        return None
    spec, answers = version.spec, find_answers(program_id, member.id)
    told = {*answers, *(detail for detail in DETAILS if getattr(member, detail))}
    names, needed = field_names(spec, formats), set(spec.profile.needed)
    is_done = has_done(program_id, member.id, PROFILE_COMPLETED)
    return ProfilePage(
        questions=[_ask(field, answers, formats) for field in spec.profile.fields],
        missing=list_names((names[wanted] for wanted in names if wanted in needed - told), formats.locale),
        promises=[] if is_done else _promises(spec, formats),
    )


def tell_answers(program_id: UUID, member_id: UUID, spec: ProgramSpec, formats: Formats) -> list[tuple[str, str]]:
    """The names of fields with what a member has answered, as far as the program still asks for it."""
    answers = find_answers(program_id, member_id)
    asked = [_ask(field, answers, formats) for field in spec.profile.fields if field.id in answers]
    return [(question.name, question.answer) for question in asked]


def field_names(spec: ProgramSpec, formats: Formats) -> dict[str, str]:
    """What details and fields are called."""
    fields = {field.id: name_of(field.name, formats.locale) for field in spec.profile.fields}
    return {"name": _("name"), "email": _("e-mail"), "phone": _("phone"), **fields}


def tell_answer(field: ProfileField, said: bool | int | str, formats: Formats) -> str:
    """An answer in the reader's language."""
    if isinstance(said, bool):
        return _("Yes") if said else _("No")
    if isinstance(said, int):
        return formats.number(said)
    return dict(_choices(field, formats)).get(said, said) if field.type == "choice" else said


def _ask(field: ProfileField, answers: Mapping[str, bool | int | str], formats: Formats) -> Question:
    said = answers.get(field.id)
    typed = {True: "yes", False: "no"}[said] if isinstance(said, bool) else "" if said is None else str(said)
    return Question(
        field=field,
        name=name_of(field.name, formats.locale),
        reason=name_of(field.reason, formats.locale),
        choices=_choices(field, formats),
        typed=typed,
        answer="" if said is None else tell_answer(field, said, formats),
    )


def _choices(field: ProfileField, formats: Formats) -> list[tuple[str, str]]:
    if field.type == "boolean":
        return [("yes", _("Yes")), ("no", _("No"))]
    return [(choice.id, name_of(choice.name, formats.locale)) for choice in field.choices]


def _promises(spec: ProgramSpec, formats: Formats) -> list[Phrase]:
    """What is promised to everybody, at any time: rules that depend on more are not."""
    units = {unit.code: unit for unit in spec.units}
    return [
        say(
            _("Once your profile is complete you get {units}."),
            units=formats.units(rule.award.units, units[rule.unit], currency=spec.currency),
        )
        for rule in spec.earning_by_trigger.get(PROFILE_COMPLETED, ())
        if isinstance(rule.award, Fixed) and not rule.conditions and rule.schedule is None and rule.budget is None
    ]

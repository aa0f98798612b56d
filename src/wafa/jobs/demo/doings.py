"""What customers did beside ordering, as far as the demo's program minds it. Pure and seeded, as the orders are."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from random import Random

from msgspec.structs import replace

from wafa.core.activities import ActivityNotice, MemberActivity
from wafa.core.calendars import Calendar
from wafa.core.compare import ORDER_PAID
from wafa.core.snapshots import Birthday, CustomerSnapshot
from wafa.core.spec import ProfileField, ProgramSpec, Property
from wafa.jobs.demo.history import History
from wafa.jobs.demo.lives import Told
from wafa.jobs.demo.people import Person
from wafa.jobs.demo.stories import STORIES

_ACTIVE = 450  # of a thousand people do something beside ordering
_MOST_DOINGS = 6
_BORN = 400  # of a thousand people tell their birthday
_ANSWER = 500  # of a thousand people answer a question of the profile
_CALENDARS: dict[str, Calendar] = {"ar": "hijri", "fa": "jalali", "en": "gregorian"}
_WORDS = ("instagram", "spring", "riyadh", "glass")


def add_doings(history: History, spec: ProgramSpec, *, store: str, seed: int, until: datetime) -> History:
    """The history with birthdays, answers, and with every kind of activity that a rule begins with.

    The three of the stories did no more than what is written down.
    """
    minded = sorted(spec.earning_by_trigger.keys() - {ORDER_PAID} - spec.found)
    celebrated = "birthday" in spec.earning_by_trigger
    if not minded and not celebrated:
        return history
    asked = spec.profile.fields
    rng = Random(f"{seed} doings")  # noqa: S311 - a story, not a secret
    people = history.people[len(STORIES) :]
    born = {str(person.number): _birthday(rng, person) for person in people if rng.randrange(1000) < _BORN}
    told = [_tell_birthday(each, born) if celebrated else each for each in history.told]
    if asked:
        curious = Random(f"{seed} answers")  # noqa: S311 - a story, not a secret
        answers = {str(person.number): _answer(curious, asked) for person in people}
        told = [_tell_answers(each, answers) for each in told]
    if minded:
        told += _tell_doings(rng, people, minded, spec, store=store, until=until)
    return replace(history, told=tuple(sorted(told, key=lambda each: each.at)))


def _birthday(rng: Random, person: Person) -> Birthday:
    """In the calendar in which somebody of this language types it."""
    calendar = _CALENDARS[person.locale]
    return Birthday(calendar=calendar, month=rng.randint(1, 12), day=rng.randint(1, 29))


def _tell_birthday(told: Told, born: dict[str, Birthday]) -> Told:
    fact = told.fact
    birthday = born.get(fact.customer.external_id or "") if isinstance(fact, CustomerSnapshot) else None
    return told if birthday is None else replace(told, fact=replace(fact, birthday=birthday))


def _answer(rng: Random, asked: Sequence[ProfileField]) -> dict[str, bool | int | str | None]:
    """What somebody answers: some leave everything out, and few answer all of it."""
    return {field.id: _answer_to(rng, field) for field in asked if rng.randrange(1000) < _ANSWER}


def _answer_to(rng: Random, field: ProfileField) -> bool | int | str:
    match field.type:
        case "choice":
            return rng.choice(field.choices).id
        case "boolean":
            return rng.random() < 0.5
        case "integer":
            return rng.randint(field.least or 0, field.most or 100)
        case "text":
            return rng.choice(_WORDS)


def _tell_answers(told: Told, answers: Mapping[str, Mapping[str, bool | int | str | None]]) -> Told:
    fact = told.fact
    said = answers.get(fact.customer.external_id or "") if isinstance(fact, CustomerSnapshot) else None
    return replace(told, fact=replace(fact, answers=said)) if said else told


def _tell_doings(
    rng: Random, people: Sequence[Person], kinds: Sequence[str], spec: ProgramSpec, *, store: str, until: datetime
) -> Iterator[Told]:
    for person in people:
        since = person.joined_at
        ends = min(max(person.left_at, since or until), until)
        if since is None or since >= ends or rng.randrange(1000) >= _ACTIVE:
            continue
        for number in range(rng.randint(1, _MOST_DOINGS)):
            at = since + timedelta(seconds=rng.randint(1, max(int((ends - since).total_seconds()), 1)))
            activity = MemberActivity(
                kind=rng.choice(kinds),
                key=f"{person.number}-{number}",
                occurred_at=at,
                store=store,
                properties={},
            )
            told = {name: _value(rng, asked) for name, asked in spec.kinds[activity.kind].items()}
            yield Told(at, ActivityNotice(customer=person.account, activity=replace(activity, properties=told)))


def _value(rng: Random, asked: Property) -> str | int | bool:
    match asked.type:
        case "text":
            return rng.choice(_WORDS)
        case "boolean":
            return rng.random() < 0.5
        case "money":
            return rng.randint(20, 400) * 100
        case _:
            least = asked.least or 0
            return rng.randint(least, least + 4 if asked.most is None else asked.most)

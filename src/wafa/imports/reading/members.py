"""Reading members with what they bring along: one row for each, or one for each lot that they have."""

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from wafa.connectors.reading import canonical_email, canonical_phone
from wafa.core.open_balance import Opening
from wafa.core.snapshots import CustomerRef
from wafa.core.spec import ProfileField
from wafa.imports.reading.cells import Cells, Habits, Wrong
from wafa.imports.reading.columns import OF_THE_PROFILE, Unmapped
from wafa.imports.rows import PastMember, PastTier, RowFault
from wafa.members.fold import fold


class MemberRules(Struct, frozen=True, kw_only=True):
    """What rows may name: the units, the first of them unless said, and tiers by id and by name (folded).

    `profile` has the fields of the program's profile.
    """

    units: tuple[str, ...]
    tiers: Mapping[str, str]
    country: str | None = None
    profile: Mapping[str, ProfileField] = {}


def read_members(
    rows: Iterator[tuple[int, Sequence[str]]], columns: Mapping[str, int], *, rules: MemberRules, habits: Habits
) -> Iterator[PastMember | RowFault]:
    """Rows, given with their lines, one by one. Raises Unmapped for a field that the profile does not have."""
    asked = {name: name.removeprefix(OF_THE_PROFILE) for name in columns if name.startswith(OF_THE_PROFILE)}
    if unknown := [name for name, field in asked.items() if field not in rules.profile]:
        raise Unmapped(
            f"{', '.join(unknown)}: expected one of {', '.join(rules.profile) or 'no'} fields of the profile"
        )
    cells = Cells(columns, habits)
    for line, row in rows:
        cells.turn_to(row)
        try:
            yield _read(cells, line, rules, asked)
        except Wrong as wrong:
            yield RowFault(line=line, column=wrong.column, expected=str(wrong))


def read_customer(cells: Cells, *, country: str | None) -> CustomerRef:
    """Who a row is about. Raises Wrong."""
    email, phone = cells.text("email"), cells.text("phone")
    customer = CustomerRef(
        external_id=cells.text("customer") or None,
        email=canonical_email(email),
        phone=canonical_phone(phone, country) if phone else None,
        name=cells.text("name") or f"{cells.text('first_name')} {cells.text('last_name')}".strip(),
        locale=cells.text("language") or None,
    )
    if email and customer.email is None:
        raise Wrong("email", "expected an e-mail address")
    if not (customer.external_id or customer.email or customer.phone):
        if phone:
            raise Wrong("phone", "expected a phone number, with its country where the store has none")
        raise Wrong("email", "expected something that tells who it is")
    return customer


def _read(cells: Cells, line: int, rules: MemberRules, asked: Mapping[str, str]) -> PastMember:
    return PastMember(
        line=line,
        customer=read_customer(cells, country=rules.country),
        joined_at=cells.time("joined_at"),
        birthday=cells.birthday("birthday"),
        opening=_read_opening(cells, rules),
        tier=_read_tier(cells, rules),
        answers={
            field: _read_answer(cells, name, rules.profile[field]) for name, field in asked.items() if cells.text(name)
        },
    )


_WORDS = {
    **dict.fromkeys(("yes", "true", "1", "نعم", "بله"), True),
    **dict.fromkeys(("no", "false", "0", "لا", "خیر", "نه"), False),
}


def _read_answer(cells: Cells, column: str, field: ProfileField) -> bool | int | str:
    """An answer as people write it: a choice by its id or its name, in any language. Raises Wrong."""
    said = cells.text(column)
    answer: bool | int | str
    match field.type:
        case "integer":
            answer = cells.whole(column, usual=0)
        case "boolean":
            answer = {fold(word): meant for word, meant in _WORDS.items()}.get(fold(said), said)
        case "choice":
            names = {fold(name): choice.id for choice in field.choices for name in (*choice.name.values(), choice.id)}
            answer = names.get(fold(said), said)
        case "text":
            answer = said
    if (expected := field.expects(answer)) is not None:
        raise Wrong(column, f"expected {expected}")
    return answer


def _read_opening(cells: Cells, rules: MemberRules) -> Opening | None:
    available, pending = cells.whole("points", usual=0), cells.whole("pending", usual=0)
    if not (available or pending):
        return None
    unit = cells.text("unit") or rules.units[0]
    if unit not in rules.units:
        raise Wrong("unit", f"expected one of {', '.join(rules.units)}")
    return Opening(
        unit=unit,
        available=available,
        pending=pending,
        earned_at=cells.time("earned_at"),
        matures_at=cells.time("pending_until"),
        expires_at=cells.day_end("expires_at"),
    )


def _read_tier(cells: Cells, rules: MemberRules) -> PastTier | None:
    told = cells.text("tier")
    if not told:
        return None
    tier = rules.tiers.get(fold(told))
    if tier is None:
        known = ", ".join(dict.fromkeys(rules.tiers.values()))
        raise Wrong("tier", f"expected one of {known}" if known else "expected nothing: the program has no tiers")
    return PastTier(tier=tier, since=cells.time("tier_since"), until=cells.day_end("tier_until"))

"""Telling campaigns of coupons: what each gives, by which codes, and what became of a use."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from wafa.core.spec import (
    AmountOff,
    Campaign,
    FreeProduct,
    FreeShipping,
    PercentOff,
    ProgramSpec,
    SharedCode,
    UniqueCodes,
    UnitsGift,
)
from wafa.coupons.models import Use, UseState
from wafa.coupons.queries import TakenOff, list_code_rows
from wafa.kit.formats import Formats
from wafa.kit.spreadsheets import as_text
from wafa.reports.phrases import Phrase, say
from wafa.reports.told import show

_CHUNK = 10_000


def tell_gives(campaign: Campaign, spec: ProgramSpec, formats: Formats) -> Phrase:
    """What whoever uses a coupon gets, in the program's currency or else in the first that it names."""
    match campaign.gives:
        case AmountOff(minor=minor):
            currency = spec.currency if spec.currency in minor else next(iter(minor))
            return say(_("{amount} off"), amount=formats.money(minor[currency], currency))
        case PercentOff() as gives:
            share = formats.percent(gives.basis_points, decimals=0 if gives.basis_points % 100 == 0 else 2)
            if spec.currency not in gives.most_minor:
                return say(_("{share} off"), share=share)
            most = formats.money(gives.most_minor[spec.currency], spec.currency)
            return say(_("{share} off, at most {most}"), share=share, most=most)
        case FreeShipping():
            return say(_("Free shipping"))
        case FreeProduct(products=products):
            return say(_("A free product: {products}"), products=", ".join(products))
        case UnitsGift() as gives:
            unit = next(unit for unit in spec.units if unit.code == gives.unit)
            return show(formats.units(gives.units, unit, currency=spec.currency))


def tell_codes(campaign: Campaign) -> Phrase:
    """By which codes it is used."""
    match campaign.codes:
        case SharedCode(code=code):
            return say(_("Code {code}"), code=code)
        case UniqueCodes():
            return say(_("A code for each"))
        case _:
            return say(_("By itself, without a code"))


def tell_use_state(use: Use) -> tuple[Phrase, str]:
    """What became of a use, and the tone to say it in."""
    if use.state == UseState.ROLLED_BACK:
        return say(pgettext("coupon", "Given back")), "calm"
    if use.beyond:
        return say(pgettext("coupon", "Used beyond a limit")), "warn"
    return say(pgettext("coupon", "Used")), "good"


def tell_taken_off(sums: list[TakenOff], formats: Formats) -> list[Phrase]:
    """What was taken off, one sum for each currency."""
    return [show(formats.money(one.minor, one.currency, exponent=one.exponent)) for one in sums]


def list_file_rows(
    program_id: UUID, campaign: str, *, transaction: Callable[[UUID], AbstractContextManager[None]]
) -> Iterator[Sequence[object]]:
    """All codes of a campaign as the rows of a file, the heading first.

    A `transaction` of its own for each chunk: none stays open for as long as a slow reader takes.
    """
    yield ["code", "used", "member", "valid_until"]
    after: UUID | None = UUID(int=0)
    while after is not None:
        with transaction(program_id):
            rows = list_code_rows(program_id, campaign, after=after, limit=_CHUNK)
        for row in rows:
            ends = row.valid_until.isoformat() if row.valid_until else ""
            yield [as_text(row.code), row.used, row.member_id or "", ends]
        after = rows[-1].id if len(rows) == _CHUNK else None

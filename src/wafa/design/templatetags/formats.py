"""Values in templates, written by the context's `formats` and kept apart from the text around them.

Each tag gives HTML: a `<bdi>`, so that text of the other direction cannot reorder it. Where only text may stand (an
attribute, a title) say `text=True`.
"""

import datetime as dt
from decimal import Decimal
from typing import Any

from django import template
from django.template import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from wafa.core.spec import Unit
from wafa.kit.formats import Amount, DateStyle, Formats

register = template.Library()


def _formats(context: Context) -> Formats:
    chosen = context.get("formats")
    return chosen if isinstance(chosen, Formats) else Formats.usual(get_language() or "en")


def _isolated(written: str, *, text: bool) -> str | SafeString:
    return written if text else format_html("<bdi>{}</bdi>", written)


def amount_html(amount: Amount) -> SafeString:
    """An amount with its figures and its label as pieces of their own."""
    label = format_html('<span class="amount-label">{}</span>', amount.label)
    if amount.label_first:
        pieces = format_html("{}{}{}<span>{}</span>", amount.sign, label, amount.gap, amount.figures)
    else:
        pieces = format_html("<bdi>{}{}</bdi>{}{}", amount.sign, amount.figures, amount.gap, label)
    return format_html('<bdi class="amount" dir="{}">{}</bdi>', amount.direction, pieces)


@register.simple_tag(takes_context=True)
def number(
    context: Context,
    value: int | Decimal,
    decimals: int | None = None,
    signed: bool = False,
    text: bool = False,
) -> str | SafeString:
    """`{% number members %}`, `{% number change signed=True %}`."""
    return _isolated(_formats(context).number(value, decimals=decimals, signed=signed), text=text)


@register.simple_tag(takes_context=True)
def percent(
    context: Context,
    basis_points: int,
    decimals: int = 0,
    signed: bool = False,
    text: bool = False,
) -> str | SafeString:
    """`{% percent 420 decimals=1 %}` is 4.2%."""
    return _isolated(_formats(context).percent(basis_points, decimals=decimals, signed=signed), text=text)


@register.simple_tag(takes_context=True)
def money(
    context: Context,
    amount_minor: int,
    currency: str,
    signed: bool = False,
    trim: bool = False,
    text: bool = False,
) -> str | SafeString:
    """`{% money order.total_minor order.currency %}`; `trim=True` leaves out decimals that are all zero."""
    amount = _formats(context).money(amount_minor, currency, signed=signed, trim=trim)
    return str(amount) if text else amount_html(amount)


@register.simple_tag(takes_context=True)
def units(
    context: Context,
    amount: int,
    unit: Unit,
    currency: str | None = None,
    signed: bool = False,
    text: bool = False,
) -> str | SafeString:
    """`{% units balance.available unit currency=program.currency %}`: units by name, store credit as money."""
    written = _formats(context).units(amount, unit, currency=currency, signed=signed)
    return str(written) if text else amount_html(written)


@register.simple_tag(takes_context=True)
def date(
    context: Context,
    value: dt.date,
    style: DateStyle = "medium",
    text: bool = False,
) -> str | SafeString:
    """`{% date lot.expires_at %}`; styles: medium, long, day (no year), month (no day)."""
    return _moment(value, _formats(context).date(value, style=style), text=text)


@register.simple_tag(takes_context=True)
def datetime(
    context: Context,
    value: dt.datetime,
    style: DateStyle = "medium",
    text: bool = False,
) -> str | SafeString:
    """`{% datetime delivery.received_at %}`: the day and the time in the program's time zone."""
    return _moment(value, _formats(context).datetime(value, style=style), text=text)


@register.simple_tag
def bdi(value: Any) -> SafeString:
    """A name, code or address whose direction is its own."""
    return format_html("<bdi>{}</bdi>", value)


def _moment(value: dt.date, written: str, *, text: bool) -> str | SafeString:
    return written if text else format_html('<bdi><time datetime="{}">{}</time></bdi>', value.isoformat(), written)

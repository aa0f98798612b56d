"""Figures that stand above a page: each with its name and a few words on what it means."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from wafa.console.desk import Desk
from wafa.core.books import Balance
from wafa.core.spec import Unit
from wafa.reports.balances import Due, UnitBalance
from wafa.reports.phrases import Phrase, say
from wafa.reports.told import Voice, show


@dataclass(frozen=True, slots=True)
class Figure:
    """One amount. `tone` colours the note."""

    name: str
    amount: Phrase
    note: Phrase | str = ""
    tone: str = ""


def voice_of(desk: Desk, unit: Unit) -> Voice:
    """Writes amounts of one unit for the desk's reader."""
    return Voice(formats=desk.formats, unit=unit, currency=desk.program.currency)


def program_figures(desk: Desk, unit: Unit, balance: Balance) -> list[Figure]:
    """What all members hold of a unit. What is outstanding can be used now or later; its worth is the liability."""
    voice = voice_of(desk, unit)
    outstanding = balance.outstanding
    worth = unit.worth_minor(outstanding)
    liability = []
    if worth is not None:
        liability.append(Figure(_("Liability"), show(voice.money(worth)), _("what is outstanding, at face value")))
    return [
        Figure(_("Outstanding"), voice.short(outstanding), _("available, pending or reserved")),
        *liability,
        Figure(
            _("Claimable by guests"),
            voice.short(balance.claimable),
            _("granted when they join in time"),
        ),
        Figure(_("Owed by members"), voice.short(balance.debt), _("refunded after it was used")),
    ]


def member_figures(desk: Desk, held: UnitBalance) -> list[Figure]:
    """What one member holds of a unit, pocket by pocket: the empty ones only where their absence says something."""
    voice, balance = voice_of(desk, held.unit), held.balance
    worth = held.unit.worth_minor(balance.available)
    told_worth = worth and held.unit.kind != "credit"
    figures = [
        Figure(
            _("Available"),
            show(voice.units(balance.available)),
            say(_("worth {worth}"), worth=voice.money(worth or 0)) if told_worth else "",
        ),
        Figure(_("Pending"), show(voice.units(balance.pending)), _next_part(desk, held.maturities)),
    ]
    if balance.held:
        figures.append(Figure(_("Reserved"), show(voice.units(balance.held)), _("at checkout")))
    if balance.claimable:
        note = _next_part(desk, held.claim_ends)
        figures.append(Figure(_("To be claimed"), show(voice.units(balance.claimable)), note))
    if balance.debt:
        note = _("what is earned next pays it first")
        figures.append(Figure(_("Owed"), show(voice.units(balance.debt)), note, tone="bad"))
    if held.expiries:
        note = say(_("last day {day}"), day=desk.formats.date(held.expiries[0].day))
        figures.append(Figure(_("Expires next"), show(voice.units(held.expiries[0].amount)), note))
    return figures


def _next_part(desk: Desk, dues: tuple[Due, ...]) -> Phrase | str:
    if not dues:
        return ""
    day = desk.formats.date(dues[0].day)
    return say(_("the next part until {day}") if len(dues) > 1 else _("until {day}"), day=day)

"""The answer of a backtest, told in tables: what a draft gives, what it costs, and who would notice."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wafa.core.backtest import Change, Difference, Outcome, Trial
from wafa.core.books import Balance
from wafa.core.spec import ProgramSpec, Unit
from wafa.core.tiers.reward import ENTRY
from wafa.design.charts import LineChart, Series, build_line_chart
from wafa.kit.formats import Formats
from wafa.reports.not_earned import tell_reason
from wafa.reports.phrases import name_of, say
from wafa.reports.tiers import tier_names
from wafa.reports.units import unit_heading


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a title; the first column names the row."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldTrial:
    """Everything a reader is shown. `owed` is what members could still claim, month by month, of draft and live.

    `chart` draws it, where there is more than one month.
    """

    title: str
    tables: tuple[Table, ...]
    owed_title: str
    months: tuple[str, ...]
    owed: tuple[Series, ...]
    chart: LineChart | None


def owed_units(balance: Balance) -> int:
    """What members have in all pockets, less what they owe."""
    return balance.claimable + balance.pending + balance.available + balance.held - balance.debt


def tell_trial(trial: Trial, draft: ProgramSpec, live: ProgramSpec | None, formats: Formats) -> ToldTrial:
    """Tell a trial of a draft, and of what it was compared with, in the active language."""
    sides = [_Side(_("Draft"), trial.draft, draft, formats)]
    if trial.live is not None and live is not None:
        sides.append(_Side(_("Compared"), trial.live, live, formats))
    months = tuple(formats.date(month.last_day, style="month") for month in trial.draft.months)
    owed = tuple(Series(side.name, side.owed_by_month) for side in sides)
    write = sides[0].write_owed
    return ToldTrial(
        title=name_of(draft.name, formats.locale),
        tables=(
            _tell_figures(sides),
            _tell_rules(sides),
            *(_tell_change(unit, change, sides, formats) for unit, change in trial.changes.items()),
            *_tell_tiers(sides, formats),
            *_tell_misses(sides),
        ),
        owed_title=_("Owed to members at the end of each month"),
        months=months,
        owed=owed,
        chart=build_line_chart(labels=months, series=owed, formats=formats, write=write) if len(months) > 1 else None,
    )


class _Side:
    """One program's outcome, with the words to tell it."""

    def __init__(self, name: str, outcome: Outcome, spec: ProgramSpec, formats: Formats) -> None:
        self.name = name
        self.outcome = outcome
        self.spec = spec
        self.formats = formats
        self.units: dict[str, Unit] = {unit.code: unit for unit in spec.units}
        self._has_worth = all(unit.worth_minor(0) is not None for unit in spec.units)

    @property
    def owed_by_month(self) -> list[int]:
        """What was owed at the end of each month: money where all units are worth some, else units of the first."""
        return [max(self._owed(month.balances.get), 0) for month in self.outcome.months]

    def write_owed(self, amount: int) -> str:
        if self._has_worth:
            return str(self.formats.money(amount, self.spec.currency))
        return self.write_units(self.spec.units[0].code, amount)

    def write_units(self, code: str, amount: int) -> str:
        if code not in self.units:
            return self.formats.number(amount)
        return str(self.formats.units(amount, self.units[code], currency=self.spec.currency))

    def write_worth(self, count: Callable[[Balance], int]) -> str:
        """Units of all kinds at face value; a dash where some are worth nothing that is stated."""
        minor = self._worth(count)
        return "—" if minor is None else str(self.formats.money(minor, self.spec.currency))

    def write_share(self, count: Callable[[Balance], int]) -> str:
        """The same as a share of what members paid."""
        minor = self._worth(count)
        if minor is None or not self.outcome.spend_minor:
            return "—"
        return self.formats.percent(round(Fraction(minor * 10_000, self.outcome.spend_minor)), decimals=2)

    def rule_name(self, rule: str) -> str:
        """A rule by its name, and what a tier grants on entering it by the tier's."""
        tier = rule.removeprefix(ENTRY)
        if tier != rule:
            return say(_("Tier “{name}”"), name=tier_names(self.spec, self.formats).get(tier, tier))
        return next((name_of(each.name, self.formats.locale) for each in self.spec.earning if each.id == rule), rule)

    def _worth(self, count: Callable[[Balance], int]) -> int | None:
        if not self._has_worth:
            return None
        balances = self.outcome.balances
        return sum(unit.worth_minor(count(balances.get(code, Balance()))) or 0 for code, unit in self.units.items())

    def _owed(self, balance_of: Callable[[str], Balance | None]) -> int:
        if not self._has_worth:
            return owed_units(balance_of(self.spec.units[0].code) or Balance())
        return sum(
            unit.worth_minor(max(owed_units(balance_of(code) or Balance()), 0)) or 0
            for code, unit in self.units.items()
        )


def _kept(balance: Balance) -> int:
    return balance.issued - balance.clawed_back


def _tell_figures(sides: Sequence[_Side]) -> Table:
    figures: list[tuple[str, Callable[[_Side], str]]] = [
        (_("Members who ordered"), lambda side: side.formats.number(side.outcome.members)),
        (_("Members who earned"), lambda side: side.formats.number(side.outcome.earning_members)),
        (_("Paid orders"), lambda side: side.formats.number(side.outcome.orders)),
        (
            _("Paid for them, less refunds"),
            lambda side: str(side.formats.money(side.outcome.spend_minor, side.spec.currency)),
        ),
        (_("Earned, at face value"), lambda side: side.write_worth(_kept)),
        (_("Given back of what was paid"), lambda side: side.write_share(_kept)),
        (_("Expired, at face value"), lambda side: side.write_worth(lambda balance: balance.breakage)),
        (_("Owed to members at the end"), lambda side: side.write_worth(owed_units)),
    ]
    if any(side.outcome.refused for side in sides):
        refused = _("Orders that could not be counted")
        figures.append((refused, lambda side: side.formats.number(sum(side.outcome.refused.values()))))
    return Table(
        title=_("In all"),
        columns=("", *(side.name for side in sides)),
        rows=tuple((name, *(write(side) for side in sides)) for name, write in figures),
    )


def _tell_rules(sides: Sequence[_Side]) -> Table:
    return Table(
        title=_("By rule"),
        columns=(_("Rule"), _("Program"), _("Times"), _("Granted"), _("Kept after refunds")),
        rows=tuple(
            (
                side.rule_name(total.rule),
                side.name,
                side.formats.number(total.times),
                side.write_units(total.unit, total.granted),
                side.write_units(total.unit, total.kept),
            )
            for side in sides
            for total in side.outcome.rules
        ),
    )


def _tell_change(unit: str, change: Change, sides: Sequence[_Side], formats: Formats) -> Table:
    """Who gains and loses most, under a title that counts them."""
    side = next((side for side in sides if unit in side.units), sides[0])
    more = ngettext("{count} member earns more", "{count} members earn more", change.winners)
    less = ngettext("{count} member earns less", "{count} members earn less", change.losers)
    same = ngettext("{count} member earns the same", "{count} members earn the same", change.same)
    counted = ((more, change.winners), (less, change.losers), (same, change.same))
    told = [sentence.format(count=formats.number(count)) for sentence, count in counted]
    name = unit_heading(side.units[unit], formats.locale)
    return Table(
        title=f"{name}: {' · '.join(told)}",
        columns=(_("Member"), _("Compared"), _("Draft"), _("Difference")),
        rows=tuple(_tell_differences([*change.gained, *change.lost], formats)),
    )


def _tell_differences(differences: Iterable[Difference], formats: Formats) -> Iterable[tuple[str, ...]]:
    for told in differences:
        difference = formats.number(told.draft - told.live, signed=True)
        yield told.member, formats.number(told.live), formats.number(told.draft), difference


def _tell_tiers(sides: Sequence[_Side], formats: Formats) -> Iterable[Table]:
    rows = tuple(
        (names.get(tier, "—") if tier else "—", side.name, formats.number(count))
        for side in sides
        if (names := tier_names(side.spec, formats))
        for tier, count in sorted(side.outcome.tiers.items(), key=lambda told: -told[1])
    )
    if rows:
        yield Table(_("Members by tier at the end"), (_("Tier"), _("Program"), _("Members")), rows)


def _tell_misses(sides: Sequence[_Side]) -> Iterable[Table]:
    rows = tuple(
        (side.rule_name(rule or "—"), side.name, tell_reason(reason), side.formats.number(count))
        for side in sides
        for (rule, reason), count in sorted(side.outcome.missed.items(), key=lambda told: -told[1])
    )
    if rows:
        yield Table(_("What earned nothing by a rule"), (_("Rule"), _("Program"), _("Why"), _("Times")), rows)

"""Telling what a program asks of members: the conditions of its rules, and its segments."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wafa.core.spec import Condition, ProgramSpec, Segment
from wafa.core.spec.conditions import Expression, is_about_member
from wafa.core.spec.schedules import begin_of, end_of
from wafa.kit.formats import Amount, Formats
from wafa.reports.phrases import Phrase, list_names, name_of, say
from wafa.reports.profile import field_names, tell_answer
from wafa.reports.tiers import tier_names

_MOMENT = timedelta(microseconds=1)


class MemberTeller:
    """Tells what one document asks of members to one reader."""

    def __init__(self, spec: ProgramSpec, formats: Formats) -> None:
        self._spec = spec
        self._formats = formats
        self._tellings: Mapping[str, Callable[[Any], Phrase]] = {
            "nth_order": self._tell_nth_order,
            "days_since_last_order": self._tell_last_order,
            "days_since_joining": self._tell_joining,
            "joined": self._tell_joined,
            "language": self._tell_language,
            "details": self._tell_details,
            "profile": self._tell_profile,
            "segment": self._tell_segments,
            "tier": self._tell_tiers,
            "orders": self._tell_orders,
            "spend": self._tell_spend,
            "average_order": self._tell_average,
            "bought": self._tell_bought,
            "rfm": self._tell_scores,
            "all": lambda _asked: say(_("All of some further conditions hold; the document names them.")),
            "any": lambda _asked: say(_("At least one of some further conditions holds; the document names them.")),
            "none": lambda _asked: say(_("None of some further conditions holds; the document names them.")),
        }

    def tell_segment(self, segment: Segment) -> list[Phrase]:
        """Who is in a segment: all of these sentences are true of them."""
        if segment.is_list:
            return [say(_("It is a list: staff say who is on it."))]
        return [self._tellings[condition.kind](condition) for condition in segment.conditions]

    def tell_conditions(self, conditions: Iterable[Condition]) -> list[Phrase]:
        """What a rule asks of the member, as far as it says so by itself and not in nested conditions."""
        asked = (each for each in conditions if is_about_member(each) and not isinstance(each, Expression))
        return [self._tellings[condition.kind](condition) for condition in asked]

    def _tell_nth_order(self, asked: Any) -> Phrase:
        if asked.every is None:
            numbers = self._list(self._formats.number(number) for number in asked.numbers)
            return say(_("It is this order of the member, counted from the first: {numbers}."), numbers=numbers)
        sentence = ngettext(
            "It is the last of every {count} order of the member.",
            "It is the last of every {count} orders of the member.",
            asked.every,
        )
        return say(sentence, count=self._formats.number(asked.every))

    def _tell_last_order(self, asked: Any) -> Phrase:
        return say(_("Since the member's last order: {range}."), range=self._days_range(asked))

    def _tell_joining(self, asked: Any) -> Phrase:
        return say(_("Since the member joined: {range}."), range=self._days_range(asked))

    def _tell_joined(self, asked: Any) -> Phrase:
        since = self._day(begin_of(asked.since)) if asked.since else ""
        until = self._day(end_of(asked.until) - _MOMENT) if asked.until else ""
        if since and until:
            return say(_("The member joined from {since} to {until}."), since=since, until=until)
        if since:
            return say(_("The member joined on {since} or later."), since=since)
        if until:
            return say(_("The member joined on {until} or earlier."), until=until)
        return say(_("The member is no guest."))

    def _tell_language(self, asked: Any) -> Phrase:
        languages = self._list(asked.languages)
        return say(_("The store account is in one of these languages: {languages}."), languages=languages)

    def _tell_details(self, asked: Any) -> Phrase:
        words = field_names(self._spec, self._formats)
        details = self._list(words[detail] for detail in asked.told)
        return say(_("The member has told: {details}."), details=details)

    def _tell_profile(self, asked: Any) -> Phrase:
        field, name = self._spec.profile.by_id[asked.field], field_names(self._spec, self._formats)[asked.field]
        if asked.any_of:
            answers = self._list(tell_answer(field, each, self._formats) for each in asked.any_of)
            return say(_("The profile answers {field} with one of: {answers}."), field=name, answers=answers)
        if asked.at_least is None and asked.at_most is None:
            return say(_("The profile answers {field}."), field=name)
        numbers = self._range(asked.at_least, asked.at_most, self._formats.number)
        return say(_("The profile answers {field} with: {range}."), field=name, range=numbers)

    def _tell_segments(self, asked: Any) -> Phrase:
        names = {segment.id: name_of(segment.name, self._formats.locale) for segment in self._spec.segments}
        segments = self._list(names[segment] for segment in asked.segments)
        return say(_("The member is in one of these segments: {segments}."), segments=segments)

    def _tell_tiers(self, asked: Any) -> Phrase:
        names = tier_names(self._spec, self._formats)
        tiers = self._list(names[tier] for tier in asked.tiers)
        return say(_("The member has one of these tiers: {tiers}."), tiers=tiers)

    def _tell_orders(self, asked: Any) -> Phrase:
        counted = self._range(asked.at_least, asked.at_most, self._formats.number)
        if asked.within_days is None:
            return say(_("Paid orders: {range}."), range=counted)
        sentence = ngettext(
            "Paid orders in the last {days} day: {range}.",
            "Paid orders in the last {days} days: {range}.",
            asked.within_days,
        )
        return say(sentence, days=self._formats.number(asked.within_days), range=counted)

    def _tell_spend(self, asked: Any) -> Phrase:
        spent = self._range(asked.at_least_minor, asked.at_most_minor, self._money)
        if asked.within_days is None:
            return say(_("Spent: {range}."), range=spent)
        sentence = ngettext(
            "Spent in the last {days} day: {range}.", "Spent in the last {days} days: {range}.", asked.within_days
        )
        return say(sentence, days=self._formats.number(asked.within_days), range=spent)

    def _tell_average(self, asked: Any) -> Phrase:
        spent = self._range(asked.at_least_minor, asked.at_most_minor, self._money)
        if asked.within_days is None:
            return say(_("An order on average: {range}."), range=spent)
        sentence = ngettext(
            "An order on average in the last {days} day: {range}.",
            "An order on average in the last {days} days: {range}.",
            asked.within_days,
        )
        return say(sentence, days=self._formats.number(asked.within_days), range=spent)

    def _tell_bought(self, asked: Any) -> Phrase:
        if asked.within_days is None:
            return say(_("Some of certain products were bought; the document names them."))
        sentence = ngettext(
            "Some of certain products were bought in the last {days} day; the document names them.",
            "Some of certain products were bought in the last {days} days; the document names them.",
            asked.within_days,
        )
        return say(sentence, days=self._formats.number(asked.within_days))

    def _tell_scores(self, asked: Any) -> Phrase:
        scores = {
            name: self._range(bounds.at_least, bounds.at_most, self._formats.number)
            for name, bounds in (("recency", asked.recency), ("frequency", asked.frequency), ("money", asked.monetary))
        }
        return say(
            _("Scores of 1 to 5: how recently {recency}, how often {frequency}, for how much {money}."), **scores
        )

    def _range(self, least: int | None, most: int | None, show: Callable[[int], str | Amount]) -> Phrase:
        if most is None:
            return say(_("{least} or more"), least=show(least or 0))
        if not least:
            return say(_("{most} or less"), most=show(most))
        return say(_("{least} to {most}"), least=show(least), most=show(most))

    def _days_range(self, asked: Any) -> Phrase:
        least, most = asked.at_least or 0, asked.at_most
        number = self._formats.number
        if most is None:
            return say(ngettext("{least} day or more", "{least} days or more", least), least=number(least))
        if not least:
            return say(ngettext("{most} day or less", "{most} days or less", most), most=number(most))
        sentence = ngettext("{least} to {most} day", "{least} to {most} days", most)
        return say(sentence, least=number(least), most=number(most))

    def _money(self, minor: int) -> Amount:
        return self._formats.money(minor, self._spec.currency)

    def _day(self, local: datetime) -> str:
        return self._formats.date(local.date())

    def _list(self, texts: Iterable[str]) -> str:
        return list_names(texts, self._formats.locale)

"""The path of one member on the ladder, from all that counts: the same facts make the same path, told in any order."""

from collections.abc import Iterator
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from wafa.core.program import Program
from wafa.core.spec import MembershipYear, ProgramSpec, Tiers
from wafa.core.spec.tiers import Metric, Tier
from wafa.core.tiers.periods import Periods, just_after, last_instant
from wafa.core.tiers.record import Appointment, Entry, Step, StepWhy, TierRecord, compare_counts, is_met
from wafa.core.tiers.tally import Tally


def climb(program: Program, record: TierRecord, *, until: datetime) -> tuple[Step, ...]:
    """Every step of the member by `until`, by what is known now. Raises OutsideCalendar.

    What time alone decides is decided when it was due, however late anybody asks.
    """
    return tuple(_Climb(program, record).steps(until))


def periods_of(spec: ProgramSpec, tiers: Tiers, record: TierRecord, *, at: datetime) -> Periods:
    """The periods of a member: their year begins with joining, or with the first order where that was earlier."""
    if not isinstance(tiers.window, MembershipYear):
        return Periods(tiers.window, spec, anchor=at)
    begins = [entry.at for entry in record.entries.values() if entry.counts]
    begins += [appointment.at for appointment in record.appointments]
    if record.joined_at is not None:
        begins.append(record.joined_at)
    return Periods(tiers.window, spec, anchor=min(begins, default=at))


class _Ladder(Struct, frozen=True):
    """The ladder of a version, and the periods of the member on it."""

    version: int
    tiers: Tiers
    periods: Periods


class _Held(Struct, frozen=True):
    """A tier that is kept until a moment, which is looked at some days later."""

    tier: str | None = None
    kept_until: datetime | None = None
    review_at: datetime | None = None


class _Climb:
    """A member on the way. `_earned` is what they have by themselves, `_set` what staff gave them for a time."""

    def __init__(self, program: Program, record: TierRecord) -> None:
        self._program = program
        self._record = record
        self._tally = Tally([entry for entry in record.entries.values() if entry.counts])
        self._ladders: dict[int, _Ladder] = {}
        self._earned = _Held()
        self._set: Appointment | None = None
        self._told = _Held()

    def steps(self, until: datetime) -> Iterator[Step]:
        for at, event in self._events():
            if at > until:
                break
            yield from self._pass_time(at)
            if (ladder := self._ladder_at(at)) is not None:
                yield from self._appoint(ladder, event) if isinstance(event, Appointment) else self._rise(ladder, at)
        yield from self._pass_time(until)

    def _events(self) -> list[tuple[datetime, Entry | Appointment]]:
        events: list[tuple[datetime, Entry | Appointment]] = [(entry.at, entry) for entry in self._tally.entries]
        if self._record.appointments:
            events += [(appointment.at, appointment) for appointment in self._record.appointments]
            events.sort(key=lambda event: event[0])
        return events

    def _ladder_at(self, at: datetime) -> _Ladder | None:
        version = self._program.ladder_at(at)
        if version is None:
            return None
        if version.number not in self._ladders:
            assert version.spec.tiers is not None
            periods = periods_of(version.spec, version.spec.tiers, self._record, at=at)
            self._ladders[version.number] = _Ladder(version.number, version.spec.tiers, periods)
        return self._ladders[version.number]

    def _rise(self, ladder: _Ladder, at: datetime) -> Iterator[Step]:
        """Enter the highest tier that is reached, if that is higher."""
        found = self._find_reached(ladder, at)
        if found is not None:
            tier, why = found
            self._earned = self._hold(ladder, tier.id, at)
            yield from self._tell(ladder, at, why)

    def _find_reached(self, ladder: _Ladder, at: datetime, *, above: int | None = None) -> tuple[Tier, StepWhy] | None:
        above = ladder.tiers.rank(self._earned.tier) if above is None else above
        higher = [tier for tier in ladder.tiers.ladder[above + 1 :] if tier.entry]
        if not higher:
            return None
        since, until = ladder.periods.counted_since(at), just_after(at)
        amounts = self._total(ladder, since, until, at)
        for tier in reversed(higher):
            if tier.entry and is_met(tier.entry, amounts):
                counts = compare_counts(tier.entry, amounts)
                return tier, StepWhy(kind="reached", counts=counts, match=tier.entry.match, since=since, until=until)
        return None

    def _total(self, ladder: _Ladder, since: datetime | None, until: datetime, at: datetime) -> dict[Metric, int]:
        known_at = None if ladder.tiers.refunds_demote else at
        return self._tally.total(since=since, until=until, known_at=known_at)

    def _hold(self, ladder: _Ladder, tier_id: str | None, at: datetime) -> _Held:
        """A tier that is reached, or kept once more, at `at`."""
        kept_until = ladder.periods.kept_until(at) if tier_id else None
        if kept_until is None:
            return _Held(tier_id)
        return _Held(tier_id, kept_until, ladder.periods.days_after(kept_until, ladder.tiers.grace_days))

    def _appoint(self, ladder: _Ladder, appointment: Appointment) -> Iterator[Step]:
        why = StepWhy(kind=appointment.kind, reason=appointment.reason, by=appointment.by, until=appointment.until)
        if appointment.kind == "set":
            self._set = appointment
        elif ladder.tiers.rank(appointment.tier) >= ladder.tiers.rank(self._earned.tier):
            self._earned = self._hold(ladder, appointment.tier, appointment.at)
        yield from self._tell(ladder, appointment.at, why)

    def _pass_time(self, until: datetime) -> Iterator[Step]:
        """Decide what time alone decides by `until`, each when it is due."""
        while True:
            ends = self._set.until if self._set else None
            due = min((at for at in (self._earned.review_at, ends) if at is not None), default=None)
            if due is None or due > until:
                return
            ladder = self._ladder_at(due)
            if due == ends:
                self._set = None
                why = StepWhy(kind="set_ended")
            else:
                why = self._review(ladder, due)
            yield from self._tell(ladder, due, why)

    def _review(self, ladder: _Ladder | None, at: datetime) -> StepWhy:
        """A period is over: the tier is kept for another, or lost."""
        ended = self._earned.kept_until
        assert ended is not None, "what is kept for ever is never looked at"
        tier = ladder.tiers.find(self._earned.tier) if ladder else None
        if ladder is None or tier is None:
            self._earned = _Held()
            return StepWhy(kind="recalculated")
        within = last_instant(ended)
        since = ladder.periods.counted_since(within)
        amounts = self._total(ladder, since, at, at)
        why = StepWhy(kind="renewed", since=since, until=at)
        if tier.renewal:
            why = replace(why, counts=compare_counts(tier.renewal, amounts), match=tier.renewal.match)
            if is_met(tier.renewal, amounts):
                self._earned = self._hold(ladder, tier.id, within)
                return why
        lower = _land(ladder.tiers, tier, amounts)
        reached = self._find_reached(ladder, at, above=ladder.tiers.rank(lower))
        if reached is not None:
            self._earned = self._hold(ladder, reached[0].id, at)
            return reached[1]
        self._earned = self._hold(ladder, lower, within)
        return replace(why, kind="landed" if ladder.tiers.landing == "soft" and lower else "recalculated")

    def _tell(self, ladder: _Ladder | None, at: datetime, why: StepWhy) -> Iterator[Step]:
        """The step to where the member stands now, if that is anywhere else, or for longer."""
        now = self._earned
        if self._set and ladder and ladder.tiers.rank(self._set.tier) > ladder.tiers.rank(now.tier):
            now = _Held(self._set.tier, self._set.until, self._set.until)
        if now != self._told:
            before, self._told = self._told.tier, now
            yield Step(
                at=at,
                before=before,
                tier=now.tier,
                why=why,
                version=ladder.version if ladder else None,
                kept_until=now.kept_until,
                review_at=now.review_at,
            )


def _land(tiers: Tiers, lost: Tier, amounts: dict[Metric, int]) -> str | None:
    """Where a member lands who did not keep a tier: never on one that is by invitation."""
    below = [tier for tier in tiers.ladder[: tiers.rank(lost.id)] if tier.entry]
    if tiers.landing == "recalculated":
        below = [tier for tier in below if tier.renewal and is_met(tier.renewal, amounts)]
    return below[-1].id if below else None

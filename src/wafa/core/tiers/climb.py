"""The path of one member on the ladder, from all that counts: the same facts make the same path, told in any order."""

from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from wafa.core.program import Program
from wafa.core.spec import Tiers
from wafa.core.spec.tiers import Metric, Tier
from wafa.core.tiers.ladder import Ladder
from wafa.core.tiers.periods import Periods, just_after, last_instant
from wafa.core.tiers.record import Appointment, Entry, Step, StepWhy, TierRecord, compare_counts, is_met
from wafa.core.tiers.tally import Tally


def climb(program: Program, record: TierRecord, *, until: datetime) -> tuple[Step, ...]:
    """Every step of the member by `until`, by what is known now. Raises OutsideCalendar.

    What time alone decides is decided when it was due, however late anybody asks.
    """
    return tuple(_Climb(program, record).steps(until))


class _Held(Struct, frozen=True, gc=False):
    """A tier that is kept until a moment, which is looked at some days later."""

    tier: str | None = None
    kept_until: datetime | None = None
    review_at: datetime | None = None


_NOTHING = _Held()


class _Climb:
    """A member on the way. `_earned` is what they have by themselves, `_set` what staff gave them for a time.

    `_told` is where the last of the `_steps` has led.
    """

    def __init__(self, program: Program, record: TierRecord) -> None:
        self._program = program
        self._record = record
        self._tally = Tally([entry for entry in record.entries.values() if entry.counts])
        self._periods: dict[int, Periods] = {}
        self._earned = self._told = _NOTHING
        self._set: Appointment | None = None
        self._steps: list[Step] = []

    def steps(self, until: datetime) -> list[Step]:
        for at, event in self._events():
            if at > until:
                break
            self._pass_time(at)
            if (ladder := self._program.ladder_at(at)) is None:
                continue
            if isinstance(event, Appointment):
                self._appoint(ladder, event)
            else:
                self._rise(ladder, at)
        self._pass_time(until)
        return self._steps

    def _events(self) -> list[tuple[datetime, Entry | Appointment]]:
        events: list[tuple[datetime, Entry | Appointment]] = [(entry.at, entry) for entry in self._tally.entries]
        if self._record.appointments:
            events += [(appointment.at, appointment) for appointment in self._record.appointments]
            events.sort(key=lambda event: event[0])
        return events

    def _periods_on(self, ladder: Ladder) -> Periods:
        if ladder.version not in self._periods:
            self._periods[ladder.version] = ladder.periods_of(self._record, at=ladder.effective_from)
        return self._periods[ladder.version]

    def _rise(self, ladder: Ladder, at: datetime) -> None:
        """Enter the highest tier that is reached, if that is higher."""
        found = self._find_reached(ladder, at, above=ladder.tiers.rank(self._earned.tier))
        if found is not None:
            tier, why = found
            self._earned = self._hold(ladder, tier.id, at)
            self._tell(ladder, at, why)

    def _find_reached(self, ladder: Ladder, at: datetime, *, above: int) -> tuple[Tier, StepWhy] | None:
        higher = ladder.tiers.above[above]
        if not higher:
            return None
        since, until = self._periods_on(ladder).counted_since(at), just_after(at)
        amounts = self._total(ladder, since, until, at)
        for tier, entry in higher:
            if is_met(entry, amounts):
                counts = compare_counts(entry, amounts)
                return tier, StepWhy(kind="reached", counts=counts, match=entry.match, since=since, until=until)
        return None

    def _total(self, ladder: Ladder, since: datetime | None, until: datetime, at: datetime) -> dict[Metric, int]:
        known_at = None if ladder.tiers.refunds_demote else at
        return self._tally.total(ladder.tiers.metrics, since=since, until=until, known_at=known_at)

    def _hold(self, ladder: Ladder, tier_id: str | None, at: datetime) -> _Held:
        """A tier that is reached, or kept once more, at `at`."""
        periods = self._periods_on(ladder)
        kept_until = periods.kept_until(at) if tier_id else None
        if kept_until is None:
            return _Held(tier_id)
        return _Held(tier_id, kept_until, periods.days_after(kept_until, ladder.tiers.grace_days))

    def _appoint(self, ladder: Ladder, appointment: Appointment) -> None:
        why = StepWhy(kind=appointment.kind, reason=appointment.reason, by=appointment.by, until=appointment.until)
        if appointment.kind == "set":
            self._set = appointment
        elif ladder.tiers.rank(appointment.tier) >= ladder.tiers.rank(self._earned.tier):
            self._earned = self._hold(ladder, appointment.tier, appointment.at)
        self._tell(ladder, appointment.at, why)

    def _pass_time(self, until: datetime) -> None:
        """Decide what time alone decides by `until`, each when it is due."""
        while (due := self._next_due()) is not None and due <= until:
            ladder = self._program.ladder_at(due)
            if self._set and due == self._set.until:
                self._set = None
                why = StepWhy(kind="set_ended")
            else:
                why = self._review(ladder, due)
            self._tell(ladder, due, why)

    def _next_due(self) -> datetime | None:
        review_at, ends = self._earned.review_at, self._set.until if self._set else None
        if review_at is None or ends is None:
            return review_at or ends
        return min(review_at, ends)

    def _review(self, ladder: Ladder | None, at: datetime) -> StepWhy:
        """A period is over: the tier is kept for another, or lost."""
        ended = self._earned.kept_until
        assert ended is not None, "what is kept for ever is never looked at"
        tier = ladder.tiers.find(self._earned.tier) if ladder else None
        if ladder is None or tier is None:
            self._earned = _NOTHING
            return StepWhy(kind="recalculated")
        within = last_instant(ended)
        since = self._periods_on(ladder).counted_since(within)
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

    def _tell(self, ladder: Ladder | None, at: datetime, why: StepWhy) -> None:
        """Take the step to where the member stands now, if that is anywhere else, or for longer."""
        now = self._earned
        if self._set and ladder and ladder.tiers.rank(self._set.tier) > ladder.tiers.rank(now.tier):
            now = _Held(self._set.tier, self._set.until, self._set.until)
        if now != self._told:
            before, self._told = self._told.tier, now
            self._steps.append(
                Step(
                    at=at,
                    before=before,
                    tier=now.tier,
                    why=why,
                    version=ladder.version if ladder else None,
                    kept_until=now.kept_until,
                    review_at=now.review_at,
                )
            )


def _land(tiers: Tiers, lost: Tier, amounts: dict[Metric, int]) -> str | None:
    """Where a member lands who did not keep a tier: never on one that is by invitation."""
    below = [tier for tier in tiers.ladder[: tiers.rank(lost.id)] if tier.entry]
    if tiers.landing == "recalculated":
        below = [tier for tier in below if tier.renewal and is_met(tier.renewal, amounts)]
    return below[-1].id if below else None

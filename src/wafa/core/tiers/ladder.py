"""The ladder of a version, ready to be climbed: what is the same for all members is known once."""

from datetime import datetime

from wafa.core.spec import MembershipYear, Version
from wafa.core.tiers.periods import Periods
from wafa.core.tiers.record import TierRecord


class Ladder:
    """The tiers of a version that has some, and the periods within which they are reached and kept."""

    def __init__(self, version: Version) -> None:
        assert version.spec.tiers is not None, "only programs with tiers have a ladder"
        self.version = version.number
        self.effective_from = version.effective_from
        self.spec = version.spec
        self.tiers = version.spec.tiers
        self._is_of_membership = isinstance(self.tiers.window, MembershipYear)
        self._periods = Periods(self.tiers.window, self.spec, anchor=self.effective_from)

    def periods_of(self, record: TierRecord, *, at: datetime) -> Periods:
        """The periods of a member: their year begins with joining, or with the first order where that was earlier."""
        if not self._is_of_membership:
            return self._periods
        begins = [entry.at for entry in record.entries.values() if entry.counts]
        begins += [appointment.at for appointment in record.appointments]
        if record.joined_at is not None:
            begins.append(record.joined_at)
        return Periods(self.tiers.window, self.spec, anchor=min(begins, default=at))

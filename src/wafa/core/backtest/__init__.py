"""Trying a program on a history: the decisions that would be booked, made in memory, fact by fact.

Every unit is granted, matures, expires and is taken back as in the books; nobody redeems anything.
"""

from wafa.core.backtest.differences import Change, Difference
from wafa.core.backtest.history import Past, PastActivity, PastAppointment, PastJoining, PastOrder
from wafa.core.backtest.outcome import Month, Outcome, RuleTotal
from wafa.core.backtest.run import Backtest, Trial, since_ever

__all__ = [
    "Backtest",
    "Change",
    "Difference",
    "Month",
    "Outcome",
    "Past",
    "PastActivity",
    "PastAppointment",
    "PastJoining",
    "PastOrder",
    "RuleTotal",
    "Trial",
    "since_ever",
]

"""Trying a program on a history: the decisions that would be booked, made in memory, order by order.

Every unit is granted, matures, expires and is taken back as in the books; nobody redeems anything.
"""

from wafa.core.backtest.differences import Change, Difference
from wafa.core.backtest.history import PastOrder
from wafa.core.backtest.outcome import Month, Outcome, RuleTotal
from wafa.core.backtest.run import Backtest, Trial, since_ever

__all__ = ["Backtest", "Change", "Difference", "Month", "Outcome", "PastOrder", "RuleTotal", "Trial", "since_ever"]

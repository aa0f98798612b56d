"""Writes to referrals, one file per thing written. The caller has opened the program's transaction."""

from wafa.referrals.operations.claims import NewClaim, drop_ended_claims, put_claims
from wafa.referrals.operations.codes import make_code
from wafa.referrals.operations.moving import forget_advocates, move_referrals
from wafa.referrals.operations.referrals import (
    Due,
    NewReferral,
    list_due,
    lock_referrals,
    mark_brought_due,
    mark_due,
    put_given,
    put_referrals,
    put_steps,
    save_given,
    save_referrals,
)

__all__ = [
    "Due",
    "NewClaim",
    "NewReferral",
    "drop_ended_claims",
    "forget_advocates",
    "list_due",
    "lock_referrals",
    "make_code",
    "mark_brought_due",
    "mark_due",
    "move_referrals",
    "put_claims",
    "put_given",
    "put_referrals",
    "put_steps",
    "save_given",
    "save_referrals",
]

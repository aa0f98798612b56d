"""A member invites somebody by e-mail: it is sent once, and whoever comes with that e-mail is their friend."""

from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from wafa.core.referrals.people import canonical_email
from wafa.flows.follow_advocate import CannotFollow, Follow, follow_advocate
from wafa.kit.secrets import keyed_hash, seal
from wafa.members.queries import load_contacts
from wafa.referrals.operations import make_code
from wafa.referrals.queries import count_claims_since
from wafa.relay.operations import NewCommand, put_commands

SEND_INVITATION = "send_invitation"

MOST_EACH_DAY = 20
"""How many a member may invite within a day."""

Language = Literal["en", "ar", "fa"]


def invite_friend(program_id: UUID, advocate_id: UUID, email: str, *, language: Language, at: datetime) -> bool:
    """Promise one invitation to this address. False where this member had invited it before.

    Of the address a keyed hash is kept; the promise holds it sealed. Whether somebody is known by it is not said.
    Raises CannotFollow, with too_many and own_address beside its other reasons.
    """
    contacts = load_contacts(program_id, [advocate_id]).get(advocate_id)
    if contacts and canonical_email(email) in map(canonical_email, contacts.emails):
        raise CannotFollow("own_address")
    a_day_ago = at - timedelta(days=1)
    if count_claims_since(program_id, advocate_id, source="invitation", since=a_day_ago) >= MOST_EACH_DAY:
        raise CannotFollow("too_many")
    code = make_code(program_id, advocate_id, at=at)
    follow_advocate(program_id, Follow(code=code, source="invitation", email=email), at=at)
    key = f"{SEND_INVITATION}:{advocate_id}:{keyed_hash(canonical_email(email)).hex()}"
    payload = {"advocate": str(advocate_id), "code": code, "to": seal(email), "language": language}
    return bool(put_commands(program_id, [NewCommand(kind=SEND_INVITATION, key=key, payload=payload)], at=at))

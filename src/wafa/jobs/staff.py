"""Let somebody into a program's console, with an account to sign in with."""

from datetime import datetime
from uuid import UUID

from django.contrib.auth import get_user_model

from wafa.programs.operations import add_staff


def has_account(email: str) -> bool:
    """Whether somebody signs in with this e-mail already."""
    return get_user_model().objects.filter(email__iexact=email).exists()


def let_in(program_id: UUID, email: str, *, role: str, password: str, at: datetime) -> None:
    """Give whoever signs in with `email` a role in the program. Raises Invalid.

    Where nobody does, an account with `password` is made; an account that is there keeps its own.
    """
    users = get_user_model().objects
    user = users.filter(email__iexact=email).first()
    if user is None:
        user = users.create_user(username=email, email=email, password=password)
    add_staff(program_id, user_id=user.pk, role=role, at=at)

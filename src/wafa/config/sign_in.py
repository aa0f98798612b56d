"""How staff sign in to the console."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class StaffAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Accounts are made by an invitation or the command line, never by whoever finds the sign-in page."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Whether strangers may make an account: they may not."""
        return False

"""The addresses served in front of Django."""

import re

from wafa.api.balances import show_balances
from wafa.api.deliveries import receive
from wafa.api.hot import Route

_PROGRAM = r"(?P<program>[0-9a-f-]{32,36})"
_STORE = r"(?P<store>[a-z0-9-]{1,64})"

HOT_ADDRESSES: tuple[Route, ...] = (
    ("POST", re.compile(rf"/hooks/{_PROGRAM}/{_STORE}/?"), receive),
    ("GET", re.compile(rf"/api/v1/stores/{_STORE}/customers/(?P<customer>[^/]+)/balances"), show_balances),
)

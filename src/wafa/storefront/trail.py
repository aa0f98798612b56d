"""By whose link a browser came: a signed cookie, sent to the pages of one program alone.

It is a help, not the memory: whoever says who they are is remembered on the server, where no browser loses it.
"""

from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from wafa.programs.models import Program

COOKIE = "wafa_friend"
_SALT = "wafa.storefront.trail"


def leave_trail(response: HttpResponse, program: Program, code: str, *, at: datetime, lasts: timedelta) -> None:
    """Remember in the browser whose code it came by."""
    until = int((at + lasts).timestamp())
    response.set_cookie(
        COOKIE,
        signing.Signer(salt=_SALT).sign_object([program.id.hex, code, until]),
        max_age=lasts,
        path=reverse("storefront:member", args=[program.slug]),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def read_trail(request: HttpRequest, program: Program, *, at: datetime) -> str:
    """The code by which this browser came; empty where it came by none, or too long ago."""
    try:
        program_id, code, until = signing.Signer(salt=_SALT).unsign_object(request.COOKIES.get(COOKIE, ""))
    except signing.BadSignature:
        return ""
    is_over = program_id != program.id.hex or datetime.fromtimestamp(until, UTC) <= at
    return "" if is_over else str(code)


def end_trail(response: HttpResponse, program: Program) -> None:
    response.delete_cookie(COOKIE, path=reverse("storefront:member", args=[program.slug]), samesite="Lax")

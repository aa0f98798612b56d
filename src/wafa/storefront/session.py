"""Who is looking: a signed cookie that names one member and is sent to the pages of one program alone."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from msgspec import Struct

from wafa.programs.models import Program

COOKIE = "wafa_member"
_SALT = "wafa.storefront.session"
_LASTS = timedelta(days=30)


class Session(Struct, frozen=True):
    """The member who entered, and the language their store knows them by (empty where it knows none)."""

    member_id: UUID
    language: str


def start_session(response: HttpResponse, program: Program, session: Session, *, at: datetime) -> None:
    """Let the browser enter the program's pages as this member for thirty days."""
    until = int((at + _LASTS).timestamp())
    content = [program.id.hex, session.member_id.hex, session.language, until]
    response.set_cookie(
        COOKIE,
        signing.Signer(salt=_SALT).sign_object(content),
        max_age=_LASTS,
        path=_path(program),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def read_session(request: HttpRequest, program: Program, *, at: datetime) -> Session | None:
    """Who entered this program's pages with this browser; None where nobody did, or too long ago."""
    try:
        content = signing.Signer(salt=_SALT).unsign_object(request.COOKIES.get(COOKIE, ""))
    except signing.BadSignature:
        return None
    program_id, member_id, language, until = content
    if program_id != program.id.hex or datetime.fromtimestamp(until, UTC) <= at:
        return None
    return Session(UUID(member_id), language)


def end_session(response: HttpResponse, program: Program) -> None:
    response.delete_cookie(COOKIE, path=_path(program), samesite="Lax")


def _path(program: Program) -> str:
    return reverse("storefront:member", args=[program.slug])

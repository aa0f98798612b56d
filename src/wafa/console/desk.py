"""One member of staff at one program: who may enter a page, in which language it speaks, and its transaction."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.cache import never_cache

from wafa.console.shell import build_shell
from wafa.kit.formats import Formats
from wafa.kit.transactions import program_transaction
from wafa.programs.formats import formats_for
from wafa.programs.models import Program
from wafa.programs.queries import find_program, find_role

_CHANGERS = ("owner", "manager")


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What a view has before it. `page` is the name of its address, `role` what the staff member is in the program.

    `may_change` is False for a viewer.
    """

    program: Program
    formats: Formats
    page: str
    account: str
    role: str
    may_change: bool


View = Callable[..., HttpResponseBase]


def for_staff(view: View) -> View:
    """Let the program's staff in, in one transaction of the program. To others the program does not exist (404).

    The view gets a Desk in place of the program's slug.
    """

    @never_cache
    @login_required
    @wraps(view)
    def enter(request: HttpRequest, slug: str, **arguments: Any) -> HttpResponseBase:
        program = find_program(slug)
        role = find_role(program.id, request.user.pk) if program and request.user.pk else None
        if program is None or role is None:
            raise Http404
        desk = Desk(
            program=program,
            formats=formats_for(program, speak(request, program.locale)),
            page=request.resolver_match.url_name or "" if request.resolver_match else "",
            account=getattr(request.user, "email", ""),
            role=role,
            may_change=role in _CHANGERS,
        )
        request.formats = desk.formats  # type: ignore[attr-defined]  # templates write values by it
        with program_transaction(program.id):
            return view(request, desk, **arguments)

    return enter


def for_changers(view: View) -> View:
    """`for_staff`, less the viewers: they are refused (403)."""

    @wraps(view)
    def enter(request: HttpRequest, desk: Desk, **arguments: Any) -> HttpResponseBase:
        if not desk.may_change:
            raise PermissionDenied
        return view(request, desk, **arguments)

    return for_staff(enter)


def show(request: HttpRequest, desk: Desk, template: str, context: Mapping[str, Any]) -> HttpResponse:
    """A page of the console inside its frame."""
    shell = build_shell(desk.program, page=desk.page, account=desk.account, formats=desk.formats)
    return render(request, f"console/{template}.html", {"shell": shell, "desk": desk, **context})


def speak(request: HttpRequest, language: str) -> str:
    """Speak the language that the visitor chose, or else this one. Returns which it is."""
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    spoken = chosen if chosen in dict(settings.LANGUAGES) else language
    translation.activate(spoken)
    request.LANGUAGE_CODE = spoken
    return spoken

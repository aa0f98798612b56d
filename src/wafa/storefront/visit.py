"""What every page of a member begins with: the program, the language, and who is looking."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.cache import never_cache
from msgspec import Struct

from wafa.design.shells import MemberShell
from wafa.kit.formats import Formats
from wafa.kit.transactions import program_transaction
from wafa.programs.formats import formats_for
from wafa.programs.models import Program
from wafa.programs.queries import ProgramRules, find_program, get_program_rules
from wafa.reports.phrases import name_of
from wafa.storefront.session import Session, read_session

_ASKED = "lang"


class Visit(Struct, frozen=True, kw_only=True):
    """One request for a page of a program. `session` is None for a visitor who has not entered."""

    program: Program
    session: Session | None
    formats: Formats
    at: datetime


VisitView = Callable[..., HttpResponse]


def for_visitors(view: VisitView) -> VisitView:
    """Call the view with a `Visit` in place of the program's slug. The page is never kept by a cache."""

    @wraps(view)
    def open_visit(request: HttpRequest, slug: str, **arguments: str) -> HttpResponse:
        program = find_program(slug)
        if program is None:
            raise Http404
        if _is_language(request.GET.get(_ASKED, "")):
            return _remember_language(request)
        at = datetime.now(UTC)
        session = read_session(request, program, at=at)
        formats = formats_for(program, _language(request, program, session))
        translation.activate(formats.locale)
        request.formats = formats  # type: ignore[attr-defined]  # read by the context of design
        return view(request, Visit(program=program, session=session, formats=formats, at=at), **arguments)

    return never_cache(open_visit)


def for_members(view: VisitView) -> VisitView:
    """As `for_visitors`, but whoever has not entered is told how to."""

    @wraps(view)
    def open_for_member(request: HttpRequest, visit: Visit, **arguments: str) -> HttpResponse:
        if visit.session is None:
            return show_closed(request, visit, reason="not_entered", status=403)
        return view(request, visit, **arguments)

    return for_visitors(open_for_member)


def show_closed(request: HttpRequest, visit: Visit, *, reason: str, status: int) -> HttpResponse:
    """The page of those who may not look: `reason` is not_entered, left, expired or broken."""
    with program_transaction(visit.program.id):
        frame = frame_of(visit, get_program_rules(visit.program.id))
    return render(request, "storefront/closed.html", {**frame, "reason": reason}, status=status)


def frame_of(visit: Visit, rules: ProgramRules) -> dict[str, object]:
    """What every page of a program shows around it: the program's name in the visitor's language, and its colour."""
    name = name_of(rules.versions[-1].spec.name, visit.formats.locale) if rules.versions else visit.program.name
    return {"shell": MemberShell(program_name=name, brand=visit.program.colour), "program": visit.program}


def _language(request: HttpRequest, program: Program, session: Session | None) -> str:
    """The visitor's choice, else the language in which the store knows the member, else the program's."""
    wishes = [request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, ""), session.language if session else ""]
    return next((wish for wish in wishes if _is_language(wish)), program.locale)


def _is_language(text: str) -> bool:
    return text in dict(settings.LANGUAGES)


def _remember_language(request: HttpRequest) -> HttpResponse:
    """Keep the language an address asks for, and go on without it in the address."""
    wishes = request.GET.copy()
    language = wishes.pop(_ASKED)[-1]
    assert isinstance(language, str)
    response = HttpResponseRedirect(f"{request.path}?{wishes.urlencode()}" if wishes else request.path)
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME, language, secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax"
    )
    return response

"""What the program asks the member, why, and what they answer."""

from collections.abc import Mapping, Sequence

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from wafa.core.spec import ProfileField
from wafa.flows.answer_profile import answer_profiles
from wafa.kit.formats import Formats
from wafa.kit.retries import retried
from wafa.kit.transactions import program_transaction
from wafa.programs.queries import get_program_rules
from wafa.reports.member_page import UnknownMember, get_known_member
from wafa.reports.profile import ProfilePage, Question, read_profile_page
from wafa.storefront.visit import Visit, for_members, frame_of, show_closed

_FIELD = "field-"


@require_http_methods(["GET", "HEAD", "POST"])
@for_members
def show_profile(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The questions with the answers so far. What is sent is kept as a whole, or none of it."""
    assert visit.session is not None
    try:
        with program_transaction(visit.program.id):
            member = get_known_member(visit.program.id, visit.session.member_id)
            rules = get_program_rules(visit.program.id)
            page = read_profile_page(visit.program.id, member, program=rules, formats=visit.formats, at=visit.at)
    except UnknownMember:
        return show_closed(request, visit, reason="not_entered", status=403)
    if page is None:
        raise Http404
    typed = {question.field.id: question.typed for question in page.questions}
    faults: Mapping[str, str] = {}
    if request.method == "POST":
        typed = {name: request.POST.get(f"{_FIELD}{name}", "").strip() for name in typed}
        faults = find_faults(page.questions, typed, visit.formats)
        if not faults:
            _answer(visit, page, typed)
            messages.success(request, _("Your answers are kept."))
            return redirect("storefront:member", visit.program.slug)
    context = {
        **frame_of(visit, rules),
        "page": page,
        "fields": [
            (f"{_FIELD}{question.field.id}", question, typed[question.field.id], faults.get(question.field.id, ""))
            for question in page.questions
        ],
        "faults": faults,
    }
    return render(request, "storefront/profile.html", context, status=422 if faults else 200)


def find_faults(questions: Sequence[Question], typed: Mapping[str, str], formats: Formats) -> dict[str, str]:
    """What is wrong with what was typed, by fields, in the active language."""
    return {
        question.field.id: _tell_fault(question.field, formats)
        for question in questions
        if (said := read_answer(question.field, typed[question.field.id])) is not None
        and question.field.expects(said) is not None
    }


def read_answer(field: ProfileField, typed: str) -> bool | int | str | None:
    """An answer as it was typed; None for nothing, and the text itself where it is none of what is expected."""
    if not typed:
        return None
    if field.type == "boolean":
        return {"yes": True, "no": False}.get(typed, typed)
    if field.type == "integer":
        # Digits of any script are digits to Python.
        return int(typed) if typed.removeprefix("-").isdecimal() and len(typed) <= 13 else typed
    return typed


def _tell_fault(field: ProfileField, formats: Formats) -> str:
    if field.type == "integer" and field.least is not None and field.most is not None:
        sentence = _("Type a whole number from {least} to {most}.")
        return sentence.format(least=formats.number(field.least), most=formats.number(field.most))
    if field.type == "integer":
        return _("Type a whole number that is possible.")
    if field.type == "text":
        return _("This text is too long.")
    return _("Choose one of the answers.")


@retried
def _answer(visit: Visit, page: ProfilePage, typed: Mapping[str, str]) -> None:
    """Keep what is another answer than before."""
    assert visit.session is not None
    changed = {
        question.field.id: read_answer(question.field, typed[question.field.id])
        for question in page.questions
        if typed[question.field.id] != question.typed
    }
    with program_transaction(visit.program.id):
        member = get_known_member(visit.program.id, visit.session.member_id)
        answer_profiles(visit.program.id, [(member.id, changed)], at=visit.at)

"""Which program to work at, for staff of several."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from wafa.programs.queries import list_programs_of_user


@login_required
def show_programs(request: HttpRequest) -> HttpResponse:
    """The programs a user may enter; where it is one, that one."""
    programs = list_programs_of_user(request.user.pk) if request.user.pk else []
    if len(programs) == 1:
        return redirect("console:home", programs[0].slug)
    return render(request, "console/programs.html", {"programs": programs})

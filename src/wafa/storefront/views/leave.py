"""Signing out."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from wafa.storefront.session import end_session
from wafa.storefront.visit import Visit, for_visitors, show_closed


@require_POST
@for_visitors
def leave(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Forget who was looking."""
    response = show_closed(request, visit, reason="left", status=200)
    end_session(response, visit.program)
    return response

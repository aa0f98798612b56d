"""Every address of the product, room by room."""

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path, re_path
from django.views.generic import RedirectView


def offer_nothing(_request: HttpRequest) -> HttpResponse:
    """A page of the sign-in library that is not for here."""
    raise Http404


# Staff is added by `wafa staff`, under the address that names them in everything they do, and signs in by a password.
_NOT_FOR_HERE = r"^accounts/(?:signup|email|confirm-email|login/code)/"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", RedirectView.as_view(pattern_name="console:programs")),
    path("console/", include("wafa.console.urls")),
    re_path(_NOT_FOR_HERE, offer_nothing),
    path("accounts/", include("allauth.urls")),
    path("m/", include("wafa.storefront.urls")),
    path("design/", include("wafa.design.urls")),
]

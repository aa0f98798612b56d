"""Every address of the product, room by room."""

from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

urlpatterns: list[URLPattern | URLResolver] = [
    path("", RedirectView.as_view(pattern_name="console:programs")),
    path("console/", include("wafa.console.urls")),
    path("accounts/", include("allauth.urls")),
    path("m/", include("wafa.storefront.urls")),
    path("design/", include("wafa.design.urls")),
]

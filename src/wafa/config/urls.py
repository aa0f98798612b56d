"""Every address of the product, room by room."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("accounts/", include("allauth.urls")),
    path("m/", include("wafa.storefront.urls")),
    path("design/", include("wafa.design.urls")),
]

"""Addresses of the design system: the language switch, the merchant's colour, the style page."""

from django.urls import path, register_converter
from django.views.i18n import set_language

from wafa.design import views


class ColourConverter:
    """Six hexadecimal digits, in lower case: a colour without its #."""

    regex = "[0-9a-f]{6}"

    def to_python(self, value: str) -> str:
        return f"#{value}"

    def to_url(self, value: str) -> str:
        return value.lower()


register_converter(ColourConverter, "colour")

app_name = "design"
urlpatterns = [
    path("", views.show_style_page, name="styles"),
    path("member/", views.show_member_sample, name="member"),
    path("language/", set_language, name="language"),
    path("brand/<colour:colour>.css", views.show_brand, name="brand"),
]

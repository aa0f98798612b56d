"""The console as a Django app without tables, for its templates: those of the sign-in come before allauth's."""

from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    name = "wafa.console"
    label = "console"

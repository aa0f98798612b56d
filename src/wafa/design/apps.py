"""The design system as a Django app without tables."""

from django.apps import AppConfig


class DesignConfig(AppConfig):
    name = "wafa.design"
    label = "design"

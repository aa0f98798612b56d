from django.apps import AppConfig


class RelayConfig(AppConfig):
    name = "wafa.relay"

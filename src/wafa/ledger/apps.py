from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "wafa.ledger"
    # The application's role can read these and add to them, and nothing else.
    append_only = ("Journal", "Posting", "Obligation", "Closing")

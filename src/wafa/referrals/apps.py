from django.apps import AppConfig


class ReferralsConfig(AppConfig):
    name = "wafa.referrals"
    append_only = ("Step",)

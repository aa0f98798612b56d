from django.apps import AppConfig


class CouponsConfig(AppConfig):
    name = "wafa.coupons"

"""The product's addresses, and some at which something goes wrong."""

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.urls import path

from wafa.config.urls import urlpatterns as addresses


def _refuse(_request: HttpRequest) -> HttpResponse:
    raise PermissionDenied


def _suspect(_request: HttpRequest) -> HttpResponse:
    raise SuspiciousOperation


def _fail(_request: HttpRequest) -> HttpResponse:
    raise RuntimeError("a fault of ours")


urlpatterns = [
    path("console/refused/", _refuse),
    path("suspect/", _suspect),
    path("fails/", _fail),
    *addresses,
]

"""The connected stores, and where each has to deliver."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from wafa.connectors.registry import UnknownConnector, get_connector
from wafa.console.desk import Desk, for_staff, show
from wafa.programs.models import Store
from wafa.programs.queries import list_stores
from wafa.relay.queries import list_last_deliveries


@dataclass(frozen=True, slots=True)
class StoreRow:
    """One store: what kind it is, the address its deliveries go to, and when it last delivered something."""

    store: Store
    connector: str
    address: str
    last_delivery_at: datetime | None


@for_staff
def show_stores(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Every store of the program."""
    stores = list_stores(desk.program.id)
    last = list_last_deliveries(desk.program.id, [store.id for store in stores])
    rows = [
        StoreRow(
            store=store,
            connector=_connector_name(store.connector),
            address=f"{settings.ORIGIN}/hooks/{desk.program.id}/{store.code}",
            last_delivery_at=last.get(store.id),
        )
        for store in stores
    ]
    return show(request, desk, "stores", {"rows": rows})


def _connector_name(slug: str) -> str:
    try:
        return get_connector(slug).name
    except UnknownConnector:
        return slug

"""What came from the stores: what became of each, and trying again what is stuck."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_POST

from wafa.console.bodies import pretty
from wafa.console.desk import Desk, for_changers, for_staff, show
from wafa.console.figures import voice_of
from wafa.console.listing import LIMIT, Listing
from wafa.console.members import name_of_member
from wafa.console.names import STATE_TONES, delivery_state_name, reason_text
from wafa.console.orders import OrderRow, tell_orders
from wafa.core.books import Lot
from wafa.kit.queue import DRAIN_INBOX, start_job
from wafa.programs.models import Store
from wafa.programs.queries import get_program_rules, list_stores
from wafa.relay.models import Delivery, DeliveryBody, DeliveryState
from wafa.relay.operations import CannotReplay, replay_delivery, replay_parked_deliveries
from wafa.relay.queries import count_deliveries, find_body, find_delivery, list_deliveries
from wafa.reports.phrases import Phrase, say
from wafa.reports.told import Voice
from wafa.reports.traces import Trace, trace_delivery
from wafa.reports.units import get_unit

_REPLAYABLE = (DeliveryState.PARKED, DeliveryState.WAITING)


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """One delivery of the list."""

    delivery: Delivery
    store: str
    state: str
    tone: str
    reason: Phrase


@dataclass(frozen=True, slots=True)
class LedTo:
    """An order that a delivery spoke of, and what it granted; `row` is None where it is not recorded."""

    external_id: str
    row: OrderRow | None
    granted: list[Phrase]


@for_staff
def show_deliveries(request: HttpRequest, desk: Desk) -> HttpResponse:
    """A page of the deliveries, newest first, in one state or all."""
    listing = Listing(request, orders=("-id", "id"), states=DeliveryState.values)
    page = list_deliveries(
        desk.program.id,
        states=[DeliveryState(listing.state)] if listing.state else (),
        topic=listing.q,
        order=listing.sort,
        cursor=listing.cursor,
        limit=LIMIT,
    )
    counts = count_deliveries(desk.program.id)
    stores = {store.id: store for store in list_stores(desk.program.id)}
    names = {"": pgettext("deliveries", "All")} | {state: delivery_state_name(state) for state in DeliveryState.values}
    context = {
        "listing": listing,
        "filters": listing.choices(names, {state: desk.formats.number(count) for state, count in counts.items()}),
        "rows": [_row(delivery, stores) for delivery in page.rows],
        "by_time": listing.sorting("id"),
        "previous": listing.page(page.previous),
        "next": listing.page(page.next),
        "parked": counts[DeliveryState.PARKED],
        "is_empty": not sum(counts.values()),
    }
    return show(request, desk, "deliveries", context)


@for_staff
def show_delivery(request: HttpRequest, desk: Desk, delivery_id: UUID) -> HttpResponse:
    """One delivery: what came, byte for byte, and what it led to."""
    delivery = find_delivery(desk.program.id, delivery_id)
    if delivery is None:
        raise Http404
    stores = {store.id: store for store in list_stores(desk.program.id)}
    kept = find_body(desk.program.id, delivery_id)
    context = {
        "row": _row(delivery, stores),
        "kept": kept,
        "headers": sorted(kept.headers.items()) if kept else (),
        "body": pretty(bytes(kept.body)) if kept else "",
        "is_stuck": delivery.state in _REPLAYABLE and kept is not None,
    }
    return show(request, desk, "delivery", {**context, **_led_to(desk, stores.get(delivery.store_id), delivery, kept)})


@require_POST
@for_changers
def replay(request: HttpRequest, desk: Desk, delivery_id: UUID) -> HttpResponse:
    """Take one stuck delivery as if it had just come."""
    try:
        replay_delivery(desk.program.id, delivery_id)
    except CannotReplay:
        messages.error(
            request, _("This delivery is not stuck, or what it said is no longer kept. Nothing was changed.")
        )
    else:
        _start_draining(desk)
        messages.success(request, _("The delivery is taken again now."))
    return redirect("console:delivery", desk.program.slug, delivery_id)


@require_POST
@for_changers
def replay_parked(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Take every parked delivery as if it had just come."""
    count = replay_parked_deliveries(desk.program.id)
    _start_draining(desk)
    told = ngettext("{count} delivery is taken again now.", "{count} deliveries are taken again now.", count)
    messages.success(request, told.format(count=desk.formats.number(count)))
    return redirect("console:deliveries", desk.program.slug)


def _start_draining(desk: Desk) -> None:
    transaction.on_commit(lambda: start_job(DRAIN_INBOX, program_id=desk.program.id))


def _row(delivery: Delivery, stores: Mapping[UUID, Store]) -> DeliveryRow:
    store = stores.get(delivery.store_id)
    return DeliveryRow(
        delivery=delivery,
        store=store.name if store else _("A store that is no longer connected"),
        state=delivery_state_name(delivery.state),
        tone=STATE_TONES[delivery.state],
        reason=reason_text(delivery.reason),
    )


def _led_to(desk: Desk, store: Store | None, delivery: Delivery, kept: DeliveryBody | None) -> dict[str, Any]:
    trace = trace_delivery(store, delivery, kept) if store and kept else Trace()
    rows = {row.order.id: row for row in tell_orders(desk, [one.order for one in trace.orders if one.order])}
    return {
        "orders": [
            LedTo(one.external_id, rows[one.order.id] if one.order else None, _granted(desk, one.lots))
            for one in trace.orders
        ],
        "people": [(member, name_of_member(member)) for member in trace.members],
    }


def _granted(desk: Desk, lots: tuple[Lot, ...]) -> list[Phrase]:
    """What an order's lots granted and what of it was taken back, a phrase for each lot."""
    rules = get_program_rules(desk.program.id)
    return [_tell_lot(lot, voice_of(desk, get_unit(rules, lot.unit, version=lot.version))) for lot in lots]


def _tell_lot(lot: Lot, voice: Voice) -> Phrase:
    granted = voice.units(lot.granted - lot.corrected)
    if lot.clawed_back:
        returned = voice.units(lot.clawed_back)
        return say(_("{granted} granted, {returned} taken back"), granted=granted, returned=returned)
    return say(_("{granted} granted"), granted=granted)

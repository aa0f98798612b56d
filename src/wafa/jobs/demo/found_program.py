"""Falcon Coffee's program, its two stores and somebody to look after them. What is there already stays as it is."""

from datetime import datetime, timedelta
from importlib.resources import files
from typing import Any
from uuid import UUID

import yaml
from django.db import transaction
from msgspec import Struct

from wafa.connectors.signatures import make_secret
from wafa.core.spec import ProgramSpec
from wafa.jobs.demo.coupons import add_season
from wafa.jobs.demo.history import LENGTH
from wafa.jobs.demo.markets import HOME
from wafa.jobs.demo.partners import connect_partners, join_bookshop
from wafa.jobs.demo.record import DemoRecord
from wafa.jobs.demo.replay import SECRET
from wafa.jobs.staff import let_in
from wafa.kit.transactions import program_transaction
from wafa.programs.operations import connect_store, create_program, publish_version
from wafa.programs.queries import find_program, find_store, get_program_rules
from wafa.programs.templates import fill_template

SLUG = "falcon-coffee"
STAFF_EMAIL = "owner@falcon.example.com"
WOOCOMMERCE, DIRECT = "falcon-woo", "falcon-shop"


class DemoStore(Struct, frozen=True):
    """A connected store, as the flows name it."""

    id: UUID
    code: str


class DemoProgram(Struct, frozen=True, kw_only=True):
    """The program the demo fills. `shop` is the store with the long history, `unit` what its members use."""

    id: UUID
    spec: ProgramSpec
    woocommerce: DemoStore
    shop: DemoStore
    unit: str


def found_program(record: DemoRecord, *, average_minor: int, at: datetime) -> DemoProgram:
    """Make whatever of the demo's program is missing. It decides from before the first order of the history.

    `average_minor` is what an order of the history comes to: a template's numbers follow from it.
    """
    began = record.ends_at - LENGTH - timedelta(days=1)
    program = find_program(SLUG)
    program_id = program.id if program else _create_program(at=began)
    with program_transaction(program_id):
        if get_program_rules(program_id).latest is None:
            document = _read_document(record.template, average_minor=average_minor, at=record.ends_at)
            publish_version(program_id, document, published_by=STAFF_EMAIL, at=at, effective_from=began)
        first = get_program_rules(program_id).versions[0]
        woocommerce = _connect(program_id, WOOCOMMERCE, "woocommerce", "Falcon Cups", SECRET, at=began)
        shop = _connect(program_id, DIRECT, "direct", "Falcon Coffee", make_secret(), at=began)
        let_in(program_id, STAFF_EMAIL, role="owner", password=record.password, at=at)
    if not record.template:
        document = _read_document(record.template, average_minor=average_minor, at=record.ends_at)
        join_bookshop(program_id, document, ends_at=record.ends_at, published_by=STAFF_EMAIL)
    connect_partners(program_id, ends_at=record.ends_at)
    return DemoProgram(
        id=program_id, spec=first.spec, woocommerce=woocommerce, shop=shop, unit=_unit_to_use(first.spec)
    )


def _read_document(template: str, *, average_minor: int, at: datetime) -> dict[str, Any]:
    """Falcon Coffee's own document, or a template's with the rates that Falcon Coffee sells at."""
    own: dict[str, Any] = yaml.safe_load((files("wafa.jobs.demo") / "falcon-coffee.yaml").read_text("utf-8"))
    if not template:
        return add_season(own, at=at)
    filled = fill_template(template, currency=HOME.currency, average_minor=average_minor, time_zone="Asia/Riyadh")
    return {**filled.spec.model_dump(mode="json"), "rates": own["rates"]}


def _unit_to_use(spec: ProgramSpec) -> str:
    """What members exchange now and then: whatever is no stamp, for a card is full or it is not."""
    return next((unit.code for unit in spec.units if unit.kind != "stamps"), spec.units[0].code)


def _create_program(*, at: datetime) -> UUID:
    with transaction.atomic():
        return create_program(
            slug=SLUG,
            name="Falcon Coffee",
            currency="SAR",
            locale="ar",
            time_zone="Asia/Riyadh",
            colour="#7a3e1d",
            at=at,
        )


def _connect(program_id: UUID, code: str, connector: str, name: str, secret: str, *, at: datetime) -> DemoStore:
    store = find_store(program_id, code=code)
    if store is not None:
        return DemoStore(store.id, code)
    store_id = connect_store(
        program_id, code=code, connector=connector, name=name, currency="SAR", country="SA", secret=secret, at=at
    )
    return DemoStore(store_id, code)

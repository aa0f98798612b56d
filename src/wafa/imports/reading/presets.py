"""What is known of the files of other services, as far as they document them.

A preset names columns that nobody would guess, and how a service writes days. Where each is documented:

* smile: https://help.smile.io/en/articles/4036233 (`email`, `points`)
* yotpo: https://support.yotpo.com/docs/importingexporting-points-and-customers
* brandlift: its template for loyalty data (`Email,Points Balance,Birthdate,VIP Tier,Activation Date,Credits Balance`)
* woocommerce-suite: https://woocommerce.com/document/import-and-export-of-woocommerce-orders/
* shopify: the order export of its admin, one row for each line of an order
"""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from wafa.imports.reading.cells import DateOrder
from wafa.imports.reading.columns import Kind


class Preset(Struct, frozen=True, kw_only=True):
    """A service's export: `columns` are ours with the ones of its file; a file that has all `marks` is one of these."""

    slug: str
    kind: Kind
    columns: Mapping[str, str]
    marks: tuple[str, ...]
    date_order: DateOrder | None = None

    def mapping(self, header: Sequence[str]) -> dict[str, str]:
        """The columns that the file really has."""
        return {field: name for field, name in self.columns.items() if name in header}


class UnknownPreset(Exception):
    """No service of this name is known."""


PRESETS = (
    Preset(
        slug="smile",
        kind="members",
        columns={"email": "email", "points": "points"},
        marks=("email", "points"),
    ),
    Preset(
        slug="yotpo",
        kind="members",
        columns={
            "email": "Email",
            "name": "Full Name",
            "first_name": "First Name",
            "last_name": "Last Name",
            "points": "Points Balance",
            "birthday": "Birthday",
        },
        marks=("Email", "Points Balance", "Points Spent"),
        date_order="mdy",
    ),
    Preset(
        slug="brandlift",
        kind="members",
        columns={
            "email": "Email",
            "points": "Points Balance",
            "birthday": "Birthdate",
            "tier": "VIP Tier",
            "joined_at": "Activation Date",
        },
        marks=("Email", "Points Balance", "VIP Tier", "Activation Date"),
    ),
    Preset(
        slug="woocommerce-suite",
        kind="orders",
        columns={
            "order": "order_id",
            "customer": "customer_id",
            "email": "customer_email",
            "first_name": "billing_first_name",
            "last_name": "billing_last_name",
            "phone": "billing_phone",
            "paid_at": "paid_date",
            "total": "order_total",
            "currency": "order_currency",
            "shipping": "shipping_total",
            "status": "status",
            "payment_method": "payment_method",
        },
        marks=("order_id", "paid_date", "order_total", "order_currency"),
        date_order="mdy",
    ),
    Preset(
        slug="shopify",
        kind="orders",
        columns={
            "order": "Name",
            "email": "Email",
            "phone": "Phone",
            "name": "Billing Name",
            "paid_at": "Paid at",
            "total": "Total",
            "currency": "Currency",
            "shipping": "Shipping",
            "refunded": "Refunded Amount",
            "cancelled_at": "Cancelled at",
            "payment_method": "Payment Method",
            "coupons": "Discount Code",
            "product": "Lineitem name",
            "sku": "Lineitem sku",
            "quantity": "Lineitem quantity",
            "line_price": "Lineitem price",
            "vendor": "Vendor",
        },
        marks=("Financial Status", "Paid at", "Lineitem name", "Lineitem price"),
    ),
)


def preset_of(slug: str) -> Preset:
    """Raises UnknownPreset."""
    for preset in PRESETS:
        if preset.slug == slug:
            return preset
    raise UnknownPreset(f"{slug}: expected one of {', '.join(preset.slug for preset in PRESETS)}")


def find_preset(kind: Kind, header: Sequence[str]) -> Preset | None:
    """The service whose export a file with this header is; the one that is recognised by most, where several fit."""
    fitting = [preset for preset in PRESETS if preset.kind == kind and set(preset.marks) <= set(header)]
    return max(fitting, key=lambda preset: len(preset.marks), default=None)

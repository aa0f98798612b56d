"""What states are called on screen, and in which tone."""

import re
from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from wafa.connectors.contract import IgnoredReason
from wafa.imports.models import ImportState
from wafa.members.models import IdentityKind, MemberState
from wafa.relay.models import CommandState, DeliveryState
from wafa.reports.phrases import Phrase, say

STATE_TONES: Mapping[str, str] = {
    MemberState.MEMBER: "good",
    MemberState.GUEST: "calm",
    MemberState.SUSPENDED: "bad",
    MemberState.ERASED: "calm",
    MemberState.MERGED: "calm",
    DeliveryState.NEW: "brand",
    DeliveryState.WAITING: "warn",
    DeliveryState.DONE: "good",
    DeliveryState.IGNORED: "calm",
    DeliveryState.PARKED: "bad",
    CommandState.PENDING: "warn",
    ImportState.READY: "calm",
    ImportState.TRYING: "brand",
    ImportState.QUEUED: "brand",
    ImportState.RUNNING: "brand",
    ImportState.STOPPED: "warn",
    ImportState.REFUSED: "bad",
    ImportState.UNDOING: "warn",
    ImportState.UNDONE: "calm",
}


def member_state_name(state: str) -> str:
    return {
        MemberState.MEMBER: pgettext("state", "Member"),
        MemberState.GUEST: _("Guest"),
        MemberState.SUSPENDED: _("Suspended"),
        MemberState.ERASED: _("Erased"),
        MemberState.MERGED: _("Merged"),
    }[MemberState(state)]


def identity_kind_name(kind: str) -> str:
    return {
        IdentityKind.STORE_CUSTOMER: _("Customer of a store"),
        IdentityKind.EMAIL: _("E-mail"),
        IdentityKind.PHONE: _("Phone"),
        IdentityKind.CARD: _("Card"),
    }[IdentityKind(kind)]


def delivery_state_name(state: str) -> str:
    return {
        DeliveryState.NEW: pgettext("delivery", "New"),
        DeliveryState.WAITING: pgettext("delivery", "Waiting"),
        DeliveryState.DONE: pgettext("delivery", "Booked"),
        DeliveryState.IGNORED: pgettext("delivery", "Ignored"),
        DeliveryState.PARKED: pgettext("delivery", "Parked"),
    }[DeliveryState(state)]


def command_state_name(state: str) -> str:
    return {
        CommandState.PENDING: pgettext("command", "Waiting"),
        CommandState.DONE: pgettext("command", "Done"),
        CommandState.PARKED: pgettext("command", "Parked"),
    }[CommandState(state)]


def command_kind_name(kind: str) -> str:
    """What a command does; its own name where it is of a kind we do not know."""
    return {
        "send_webhook": _("Send a webhook"),
        "fetch_order": _("Read an order from its store"),
        "write_voucher": _("Make a discount in the stores"),
        "revoke_voucher": _("Take a discount out of the stores"),
        "write_coupon": _("Make a coupon in the stores"),
        "revoke_coupon": _("Take a coupon out of the stores"),
        "call_endpoint": _("Tell an endpoint of a reward"),
        "send_invitation": _("Send a member's invitation"),
        "send_coupon": _("Send a member their coupon"),
        "erase_traces": _("Erase what is kept of a member who was erased"),
    }.get(kind, kind)


def import_state_name(state: str) -> str:
    return {
        ImportState.READY: pgettext("import", "Ready"),
        ImportState.TRYING: pgettext("import", "Being tried"),
        ImportState.QUEUED: pgettext("import", "Running"),
        ImportState.RUNNING: pgettext("import", "Running"),
        ImportState.STOPPED: pgettext("import", "Stopped"),
        ImportState.REFUSED: pgettext("import", "Refused"),
        ImportState.DONE: pgettext("import", "Done"),
        ImportState.UNDOING: pgettext("import", "Being undone"),
        ImportState.UNDONE: pgettext("import", "Undone"),
    }[ImportState(state)]


def import_column_name(column: str) -> str:
    """What a column of a history is called; its own name where it is none of ours."""
    return {
        "customer": _("Customer id"),
        "email": _("E-mail"),
        "phone": _("Phone"),
        "name": _("Name"),
        "first_name": _("First name"),
        "last_name": _("Last name"),
        "language": _("Language"),
        "birthday": _("Birthday"),
        "joined_at": _("Joined"),
        "points": _("Points"),
        "pending": _("Pending"),
        "pending_until": _("Pending until"),
        "earned_at": _("Earned at"),
        "expires_at": _("Last day"),
        "unit": _("Unit"),
        "tier": _("Tier"),
        "tier_since": _("Tier since"),
        "tier_until": _("Tier until"),
        "order": pgettext("column", "Order"),
        "paid_at": _("Paid at"),
        "total": _("Total"),
        "currency": _("Currency"),
        "shipping": _("Shipping"),
        "refunded": _("Refunded"),
        "refunded_at": _("Refunded at"),
        "cancelled_at": _("Cancelled at"),
        "gift_card": _("Paid by gift card"),
        "credit": _("Paid by store credit"),
        "channel": _("Channel"),
        "store": _("Store"),
        "coupons": _("Coupons"),
        "payment_method": _("Payment method"),
        "product": _("Product"),
        "sku": _("Product code"),
        "quantity": _("Quantity"),
        "line_total": _("Total of the line"),
        "line_price": _("Price of a piece"),
        "tax": _("Tax"),
        "collections": _("Collections"),
        "categories": _("Categories"),
        "tags": _("Tags"),
        "vendor": _("Vendor"),
        "status": _("State"),
    }.get(column, column)


# How flows and connectors tell why; the words after "expected" are for whoever writes the store's side.
_TOO_EARLY = re.compile(r"order (?P<order>.+) is not known yet")
_FAULT = re.compile(r"(?P<path>\S+): expected (?P<expected>.+)")


def reason_text(reason: str) -> Phrase:
    """Why a delivery is where it is. What we do not know is shown as it was written down."""
    if early := _TOO_EARLY.fullmatch(reason):
        return say(_("The store has not told of order {order} yet."), order=early["order"])
    if fault := _FAULT.fullmatch(reason):
        sentence = _("It could not be understood at {path}. What was expected there: {expected}.")
        return say(sentence, path=fault["path"], expected=fault["expected"])
    told: dict[str, str] = {
        IgnoredReason.OTHER_TOPIC: _("It is about something that has nothing to do with loyalty."),
        IgnoredReason.BASKET: _("It is about a basket that is not an order yet."),
        IgnoredReason.CUSTOMER_DELETED: _("The store deleted a customer; what they earned stays theirs."),
        IgnoredReason.UNNAMED_ORDER: _("It is about an order that names no customer."),
    }
    return say(told[reason]) if reason in told else say("{reason}", reason=reason)

"""The coupon season that is running when the demo ends: its campaign, who used it of late, and gifts of the staff."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from wafa.core.qualify import Cart
from wafa.core.snapshots import OrderSnapshot, OrderStatus
from wafa.core.spec import UniqueCodes
from wafa.coupons.codes import generate_codes
from wafa.coupons.queries import count_campaigns
from wafa.flows.hand_out_coupons import HandOut, hand_out_coupons
from wafa.flows.present_coupons import Basket
from wafa.flows.redeem_coupons import Checkout, redeem_coupons
from wafa.flows.roll_back_coupons import roll_back_coupons
from wafa.jobs.demo.history import History
from wafa.kit.transactions import program_transaction
from wafa.members.queries import find_members_of_customers
from wafa.programs.queries import get_program_rules

_SEASON, _PRINTED, _SORRY = "season", "printed", "sorry"
_BEFORE, _AFTER = timedelta(days=30), timedelta(days=20)
_USES = 60
_PRINTED_CODES = 500


def add_season(document: Mapping[str, Any], *, at: datetime) -> dict[str, Any]:
    """The demo's document with a season that runs at `at`: its code is open for some weeks around it."""
    season = {
        "id": _SEASON,
        "name": {"en": "This season's coupon", "ar": "قسيمة هذا الموسم", "fa": "کوپن این فصل"},
        "gives": {"kind": "percent_off", "basis_points": 1_500, "most_minor": {"SAR": 6_000}},
        "codes": {"kind": "shared", "code": "SAQR15"},
        "schedule": {"since": f"{at - _BEFORE:%Y-%m-%d}", "until": f"{at + _AFTER:%Y-%m-%d}"},
        "limits": {"member": 2, "campaign": 1_000, "budget_minor": 2_000_000},
    }
    coupons = document.get("coupons", {})
    return {**document, "coupons": {**coupons, "campaigns": [season, *coupons.get("campaigns", ())]}}


def use_coupons(program_id: UUID, shop: str, history: History, *, at: datetime) -> None:
    """Let the latest orders of `shop` (a store's code) have used the season's code, print codes, and say sorry.

    Where it was done before, or the program has no such campaigns, nothing changes.
    """
    with program_transaction(program_id):
        version = get_program_rules(program_id).in_force(at)
        campaigns = version.spec.coupons.by_id if version else {}
        if _SEASON not in campaigns or count_campaigns(program_id):
            return
        checkouts = _checkouts(shop, history, since=at - _BEFORE)
        for moment, checkout in checkouts:
            redeem_coupons(program_id, [checkout], at=moment)
        roll_back_coupons(program_id, [checkout.used_on for _, checkout in checkouts[:1]], at=at)
        printed = campaigns.get(_PRINTED)
        if printed is not None and isinstance(printed.codes, UniqueCodes):
            generate_codes(program_id, _PRINTED, printed.codes, _PRINTED_CODES, at=at)
        if _SORRY in campaigns:
            members = find_members_of_customers(program_id, [f"{shop}:{number}" for number in range(1, 4)])
            asks = [
                HandOut(key=f"demo:{name}", member_id=member_id, campaign=_SORRY, source="staff")
                for name, member_id in sorted(members.items())
            ]
            hand_out_coupons(program_id, asks, at=at)


def _checkouts(shop: str, history: History, *, since: datetime) -> list[tuple[datetime, Checkout]]:
    """The latest orders that were paid, each with the season's code, and when it was placed."""
    latest = {
        told.fact.external_id: told.fact
        for told in history.told
        if isinstance(told.fact, OrderSnapshot) and told.fact.placed_at > since
    }
    kept = [order for order in latest.values() if order.status is OrderStatus.OPEN and order.paid_at]
    kept.sort(key=lambda order: order.placed_at)
    return [
        (
            order.placed_at,
            Checkout(
                used_on=f"{shop}:{order.external_id}",
                basket=Basket(
                    store=shop,
                    codes=("SAQR15",),
                    customer=order.customer,
                    cart=Cart(order=order, store=shop),
                ),
            ),
        )
        for order in kept[-_USES:]
    ]

"""The addresses of partners, each of which opens to a partner's key alone."""

import re

from wafa.api.hot import Route
from wafa.api.partner_rewards import (
    change_partner_redemption,
    list_partner_offers,
    redeem_partner_reward,
    show_partner_redemption,
    use_partner_voucher,
)
from wafa.api.partners import show_member, show_statement, take_delivery

_PARTNER = r"/api/v1/partner"
_REDEMPTION = rf"{_PARTNER}/redemptions/(?P<redemption>[0-9a-f-]{{32,36}})"

PARTNER_ADDRESSES: tuple[Route, ...] = (
    ("POST", re.compile(rf"{_PARTNER}/members/look-up"), show_member),
    ("POST", re.compile(rf"{_PARTNER}/stores/(?P<store>[a-z0-9-]{{1,64}})/deliveries"), take_delivery),
    ("POST", re.compile(rf"{_PARTNER}/members/rewards"), list_partner_offers),
    ("POST", re.compile(rf"{_PARTNER}/members/redemptions"), redeem_partner_reward),
    ("GET", re.compile(_REDEMPTION), show_partner_redemption),
    ("POST", re.compile(rf"{_REDEMPTION}/(?P<change>capture|release|cancel)"), change_partner_redemption),
    ("POST", re.compile(rf"{_PARTNER}/vouchers/use"), use_partner_voucher),
    ("GET", re.compile(rf"{_PARTNER}/statement"), show_statement),
)

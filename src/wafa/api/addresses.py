"""The addresses served in front of Django."""

import re

from wafa.api.balances import show_balances
from wafa.api.conversions import convert
from wafa.api.coupons import (
    give_back_coupons,
    hand_out_coupon,
    show_coupon,
    show_coupons,
    use_coupons,
)
from wafa.api.deliveries import receive
from wafa.api.hot import Route
from wafa.api.imports import (
    change_reading,
    keep_import_file,
    keep_import_part,
    list_all_imports,
    preview_import,
    show_import,
    show_refused,
    start_import,
)
from wafa.api.joining import add_card, consent, join, show_card
from wafa.api.members import change_member, export, show_customer
from wafa.api.partner_addresses import PARTNER_ADDRESSES
from wafa.api.previews import show_preview
from wafa.api.profiles import answer_profile, show_profile
from wafa.api.referrals import (
    follow_code,
    invite,
    list_waiting,
    rule,
    show_member_referrals,
)
from wafa.api.rewards import change_redemption, list_offers, redeem_reward, show_redemption
from wafa.api.tiers import show_tier
from wafa.api.transfers import give_units
from wafa.api.vouchers import show_voucher, use_voucher

_PROGRAM = r"(?P<program>[0-9a-f-]{32,36})"
_STORE = r"(?P<store>[a-z0-9-]{1,64})"
_CUSTOMER = rf"/api/v1/stores/{_STORE}/customers/(?P<customer>[^/]+)"
_ORDER = rf"/api/v1/stores/{_STORE}/orders/(?P<order>[^/]+)"
_MEMBER = r"/api/v1/members/(?P<member>[0-9a-f-]{32,36})"
_IMPORT = r"/api/v1/imports/(?P<import>[0-9a-f-]{32,36})"
_REDEMPTION = r"/api/v1/redemptions/(?P<redemption>[0-9a-f-]{32,36})"

# They are tried in turn, so what is asked most often comes first.
HOT_ADDRESSES: tuple[Route, ...] = (
    ("POST", re.compile(rf"/hooks/{_PROGRAM}/{_STORE}/?"), receive),
    ("GET", re.compile(rf"{_CUSTOMER}/balances"), show_balances),
    *PARTNER_ADDRESSES,
    ("GET", re.compile(_CUSTOMER), show_customer),
    ("POST", re.compile(rf"{_CUSTOMER}/terms"), join),
    ("POST", re.compile(rf"{_CUSTOMER}/consents"), consent),
    ("POST", re.compile(rf"{_CUSTOMER}/cards"), add_card),
    ("GET", re.compile(rf"{_CUSTOMER}/tier"), show_tier),
    ("GET", re.compile(rf"{_CUSTOMER}/profile"), show_profile),
    ("POST", re.compile(rf"{_CUSTOMER}/profile"), answer_profile),
    ("GET", re.compile(r"/api/v1/cards/(?P<card>[^/]+)"), show_card),
    ("POST", re.compile(rf"/api/v1/stores/{_STORE}/carts/preview"), show_preview),
    ("POST", re.compile(rf"{_CUSTOMER}/conversions"), convert),
    ("POST", re.compile(rf"{_CUSTOMER}/rewards"), list_offers),
    ("POST", re.compile(rf"{_CUSTOMER}/redemptions"), redeem_reward),
    ("POST", re.compile(rf"{_CUSTOMER}/transfers"), give_units),
    ("GET", re.compile(rf"{_MEMBER}/export"), export),
    ("POST", re.compile(rf"{_MEMBER}/(?P<change>suspend|lift|merge|undo-merge|erase)"), change_member),
    ("GET", re.compile(_REDEMPTION), show_redemption),
    ("POST", re.compile(rf"{_REDEMPTION}/(?P<change>capture|release|cancel)"), change_redemption),
    ("POST", re.compile(r"/api/v1/vouchers/look-up"), show_voucher),
    ("POST", re.compile(r"/api/v1/vouchers/use"), use_voucher),
    ("POST", re.compile(rf"/api/v1/stores/{_STORE}/coupons/validate"), show_coupons),
    ("POST", re.compile(rf"{_ORDER}/coupons"), use_coupons),
    ("POST", re.compile(rf"{_ORDER}/coupons/roll-back"), give_back_coupons),
    ("POST", re.compile(rf"{_CUSTOMER}/coupons"), hand_out_coupon),
    ("POST", re.compile(r"/api/v1/coupons/look-up"), show_coupon),
    ("GET", re.compile(rf"{_CUSTOMER}/referrals"), show_member_referrals),
    ("POST", re.compile(rf"{_CUSTOMER}/invitations"), invite),
    ("POST", re.compile(rf"/api/v1/stores/{_STORE}/referral-codes"), follow_code),
    ("GET", re.compile(r"/api/v1/referrals"), list_waiting),
    ("POST", re.compile(r"/api/v1/referrals/(?P<referral>[0-9a-f-]{32,36})/(?P<ruling>approve|block)"), rule),
    ("POST", re.compile(r"/api/v1/imports"), keep_import_file),
    ("GET", re.compile(r"/api/v1/imports"), list_all_imports),
    ("GET", re.compile(_IMPORT), show_import),
    ("PUT", re.compile(rf"{_IMPORT}/parts/(?P<place>[0-9]{{1,4}})"), keep_import_part),
    ("GET", re.compile(rf"{_IMPORT}/preview"), preview_import),
    ("POST", re.compile(rf"{_IMPORT}/reading"), change_reading),
    ("POST", re.compile(rf"{_IMPORT}/(?P<wish>try|run|survey|undo)"), start_import),
    ("GET", re.compile(rf"{_IMPORT}/refused"), show_refused),
)

"""Telling what a coupon gave, and what came back of it."""

from django.utils.translation import gettext as _

from wafa.core.why import CouponReturnWhy, CouponWhy
from wafa.reports.phrases import say
from wafa.reports.told import Reason, Voice, shortfall


def tell_coupon(why: CouponWhy, voice: Voice) -> Reason:
    coupon = voice.coupon(why.campaign)
    return Reason(
        icon="gift",
        tone="good",
        title=say(_("From the coupon {coupon}"), coupon=coupon),
        sentences=(say(_("The coupon {coupon} gave this: {units}."), coupon=coupon, units=voice.units(why.units)),),
    )


def tell_coupon_return(why: CouponReturnWhy, voice: Voice) -> Reason:
    coupon = voice.coupon(why.campaign)
    returned = _("The order that used the coupon {coupon} came to nothing, so what it gave came back: {units}.")
    return Reason(
        icon="returned",
        tone="calm",
        title=say(_("Back from the coupon {coupon}"), coupon=coupon),
        sentences=(
            say(returned, coupon=coupon, units=voice.units(why.units)),
            *shortfall(voice, expired=0, from_others=why.from_others, to_debt=why.to_debt, forgiven=why.forgiven),
        ),
    )

"""Which column of a file is which: by our own names, by those of other services, and by what people call them."""

import re
from collections.abc import Mapping, Sequence
from typing import Literal

from wafa.members.fold import fold

Kind = Literal["members", "orders"]

OF_MEMBERS = (
    *("customer", "email", "phone", "name", "first_name", "last_name", "language", "birthday", "joined_at"),
    *("points", "pending", "pending_until", "earned_at", "expires_at", "unit"),
    *("tier", "tier_since", "tier_until"),
)
REQUIRED_OF_ORDERS = ("order", "customer", "paid_at", "total")
OF_THE_ORDER = (
    *REQUIRED_OF_ORDERS,
    *("currency", "shipping", "refunded", "refunded_at", "cancelled_at", "gift_card", "credit", "points"),
    *("channel", "store", "coupons", "payment_method"),
)
OF_THE_LINE = ("product", "sku", "quantity", "line_total", "tax", "collections", "categories", "tags", "vendor")
# Only an import asks for these: in a backtest nobody has a name, and statuses of stores are not told apart.
OF_THE_BUYER = ("email", "phone", "name", "first_name", "last_name", "status", "line_price")
OF_ORDERS = (*OF_THE_ORDER, *OF_THE_LINE, *OF_THE_BUYER)

COLUMNS: dict[Kind, tuple[str, ...]] = {"members": OF_MEMBERS, "orders": OF_ORDERS}

# Folded as `_key` does it; the first name of a field that a file has is taken.
_NAMES: dict[str, tuple[str, ...]] = {
    "customer": (
        *("customer id", "customer", "user id", "customer user", "merchant id", "shopify id", "account"),
        *("رقم العميل", "معرف العميل", "العميل", "شناسه مشتری", "کد مشتری", "مشتری"),
    ),
    "email": (
        *("email", "e mail", "email address", "customer email", "billing email", "billing email address"),
        *("البريد الإلكتروني", "البريد", "الايميل", "ایمیل", "پست الکترونیک", "رایانامه"),
    ),
    "phone": (
        *("phone", "phone number", "mobile", "billing phone", "cell phone", "telephone"),
        *("الهاتف", "رقم الهاتف", "الجوال", "رقم الجوال", "تلفن", "موبایل", "شماره تلفن", "شماره موبایل", "تلفن همراه"),
    ),
    "name": (
        *("name", "full name", "customer name", "billing name", "billing full name"),
        *("الاسم", "اسم العميل", "الاسم الكامل", "نام", "نام مشتری", "نام کامل", "نام و نام خانوادگی"),
    ),
    "first_name": ("first name", "billing first name", "given name", "الاسم الأول", "نام کوچک"),
    "last_name": ("last name", "billing last name", "surname", "family name", "اسم العائلة", "الكنية", "نام خانوادگی"),
    "language": ("language", "locale", "اللغة", "زبان"),
    "birthday": (
        *("birthday", "birthdate", "birth date", "date of birth", "dob", "birthday mm dd", "birthday mm dd yyyy"),
        *("تاريخ الميلاد", "الميلاد", "تاریخ تولد", "تولد"),
    ),
    "joined_at": (
        *("joined at", "joined", "join date", "date joined", "activation date", "opted in at", "member since"),
        *(
            "enrolled at",
            "registration date",
            "created at",
            "تاريخ الانضمام",
            "تاريخ التسجيل",
            "تاریخ عضویت",
            "تاریخ ثبت نام",
        ),
    ),
    "points": (
        *("points", "points balance", "point balance", "current points balance", "balance", "available points"),
        *("points available", "loyalty points", "credits balance"),
        *("النقاط", "رصيد النقاط", "الرصيد", "نقاط", "امتیاز", "امتیازها", "امتیازات", "موجودی", "موجودی امتیاز"),
    ),
    "pending": ("pending", "pending points", "points pending", "نقاط معلقة", "النقاط المعلقة", "امتیاز در انتظار"),
    "pending_until": ("pending until", "available at", "matures at", "تاريخ الإتاحة", "تاریخ قابل استفاده"),
    "earned_at": ("earned at", "earned on", "date earned", "earned date", "تاريخ الاكتساب", "تاریخ کسب"),
    "expires_at": (
        *("expires at", "expires on", "expiry", "expiry date", "expiration date", "points expiration date"),
        *("points expire at", "تاريخ الانتهاء", "تاريخ انتهاء النقاط", "تاریخ انقضا", "انقضا"),
    ),
    "unit": ("unit", "الوحدة", "واحد"),
    "tier": (
        *("tier", "vip tier", "vip tier name", "tier name", "current tier", "level", "membership level"),
        *("المستوى", "الفئة", "مستوى العضوية", "سطح", "سطح عضویت"),
    ),
    "tier_since": ("tier since", "tier start date", "tier started at", "vip tier entry date", "المستوى منذ", "سطح از"),
    "tier_until": ("tier until", "tier end date", "tier expires at", "vip tier expiry", "المستوى حتى", "سطح تا"),
    "order": (
        *("order", "order number", "order id", "order no", "name", "رقم الطلب", "الطلب", "شماره سفارش", "سفارش"),
    ),
    "paid_at": (
        *(
            "paid at",
            "paid date",
            "date paid",
            "payment date",
            "تاريخ الدفع",
            "تاریخ پرداخت",
            "order date",
            "created at",
        ),
        *("تاريخ الطلب", "تاریخ سفارش"),
    ),
    "total": ("total", "order total", "grand total", "total amount", "الإجمالي", "المجموع", "جمع کل", "مبلغ کل"),
    "currency": ("currency", "order currency", "العملة", "ارز", "واحد پول"),
    "shipping": ("shipping", "shipping total", "الشحن", "هزینه ارسال"),
    "refunded": ("refunded", "refunded amount", "refund amount", "total refunded", "المبلغ المسترد", "مبلغ بازگشتی"),
    "refunded_at": ("refunded at", "refund date", "تاريخ الاسترداد", "تاریخ بازگشت"),
    "cancelled_at": ("cancelled at", "canceled at", "تاريخ الإلغاء", "تاریخ لغو"),
    "gift_card": ("gift card", "بطاقة هدية", "کارت هدیه"),
    "credit": ("credit", "store credit", "رصيد المتجر", "اعتبار فروشگاه"),
    "channel": ("channel", "القناة", "کانال"),
    "store": ("store", "المتجر", "فروشگاه"),
    "coupons": ("coupons", "coupon", "discount code", "كوبون", "کد تخفیف"),
    "payment_method": ("payment method", "طريقة الدفع", "روش پرداخت"),
    "product": ("product", "product id", "lineitem name", "item name", "المنتج", "محصول"),
    "sku": ("sku", "lineitem sku", "item sku", "رمز المنتج", "شناسه محصول"),
    "quantity": ("quantity", "lineitem quantity", "item quantity", "qty", "الكمية", "تعداد"),
    "line_total": ("line total", "item total", "إجمالي السطر", "جمع سطر"),
    "line_price": ("line price", "lineitem price", "unit price", "سعر الوحدة", "قیمت واحد"),
    "tax": ("tax", "الضريبة", "مالیات"),
    "collections": ("collections",),
    "categories": ("categories", "category", "الفئات", "دسته"),
    "tags": ("tags", "الوسوم", "برچسب"),
    "vendor": ("vendor", "brand", "العلامة التجارية", "برند"),
    "status": ("status", "order status", "الحالة", "وضعیت"),
}


OF_THE_PROFILE = "profile."
"""Behind it a column of members names a field of the program's profile: `profile.roast`."""


class Unmapped(Exception):
    """Columns that a history needs are not in the file, or a column was named that it does not have."""


def guess_columns(kind: Kind, header: Sequence[str]) -> dict[str, str]:
    """Our columns with the ones of the file that are probably meant, by name; what nothing is like is left out."""
    known = {_key(name): name for name in reversed(header) if name.strip()}
    found: dict[str, str] = {}
    for field in COLUMNS[kind]:
        names = (field.replace("_", " "), *_NAMES.get(field, ()))
        for name in names:
            told = known.get(_key(name))
            if told is not None and told not in found.values():
                found[field] = told
                break
    if kind == "members":
        found |= {name: name for name in header if name.startswith(OF_THE_PROFILE)}
    return found


def place_columns(kind: Kind, header: Sequence[str], mapping: Mapping[str, str]) -> dict[str, int]:
    """At which place of the header each of our columns stands. Raises Unmapped."""
    places = {name: place for place, name in reversed(list(enumerate(header)))}
    if unknown := [field for field in mapping if not _is_known(kind, field)]:
        raise Unmapped(f"{', '.join(unknown)}: expected one of {', '.join(COLUMNS[kind])}")
    if missing := [name for name in mapping.values() if name not in places]:
        raise Unmapped(f"{', '.join(missing)}: no such column in the file. It has {', '.join(header)}")
    if not {"customer", "email", "phone"} & mapping.keys():
        raise Unmapped("expected a column that says who it is: customer, email or phone")
    needed = [field for field in ("order", "paid_at", "total") if field not in mapping] if kind == "orders" else []
    if needed:
        raise Unmapped(f"expected columns for {', '.join(needed)}")
    return {field: places[name] for field, name in mapping.items()}


def _is_known(kind: Kind, field: str) -> bool:
    return field in COLUMNS[kind] or (kind == "members" and field.startswith(OF_THE_PROFILE))


def _key(name: str) -> str:
    """A name as it is compared: folded, without what stands between words."""
    return " ".join(re.sub(r"[\W_]+", " ", fold(name)).split())

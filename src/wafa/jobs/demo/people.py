"""The customers of Falcon Coffee: plainly made up, named after what is in the cupboard."""

from datetime import datetime
from random import Random

from msgspec import Struct

from wafa.core.snapshots import CustomerRef
from wafa.jobs.demo.markets import ABROAD, HOME, Market

# Each name as it is written, and as it stands in a mail address.
_FIRST = {
    "ar": (
        ("نورة", "noura"), ("سارة", "sara"), ("ريم", "reem"), ("هند", "hind"), ("لمى", "lama"), ("عبير", "abeer"),
        ("شهد", "shahd"), ("جود", "joud"), ("خالد", "khalid"), ("فهد", "fahd"), ("سلمان", "salman"), ("تركي", "turki"),
        ("ماجد", "majid"), ("ياسر", "yasser"), ("بدر", "badr"), ("راكان", "rakan"), ("عمر", "omar"), ("زياد", "ziyad"),
    ),
    "fa": (
        ("آرش", "arash"), ("مریم", "maryam"), ("نیلوفر", "niloufar"), ("کاوه", "kaveh"), ("پریسا", "parisa"),
        ("بهرام", "bahram"), ("شیرین", "shirin"), ("رویا", "roya"), ("سیاوش", "siavash"), ("ژاله", "zhaleh"),
        ("کیان", "kian"), ("گلناز", "golnaz"), ("پویا", "pouya"), ("یاسمن", "yasaman"),
    ),
    "en": (
        ("Sam", "sam"), ("Ruby", "ruby"), ("Oliver", "oliver"), ("Hazel", "hazel"), ("Jasper", "jasper"),
        ("Ivy", "ivy"), ("Felix", "felix"), ("Olive", "olive"), ("Hugo", "hugo"), ("Clementine", "clementine"),
        ("Basil", "basil"), ("Ginger", "ginger"), ("Rosemary", "rosemary"), ("Theo", "theo"),
    ),
}  # fmt: skip
_LAST = {
    "ar": (
        ("الفنجاني", "alfinjani"), ("الهيلي", "alhaili"), ("الدلّاوي", "aldallawi"), ("البنّي", "albunni"),
        ("الزعفراني", "alzafarani"), ("القرنفلي", "alqurunfuli"), ("السكّري", "alsukkari"), ("المحمّصي", "almuhammasi"),
        ("التمري", "altamri"), ("الركوي", "alrakwi"),
    ),
    "fa": (
        ("قهوه‌چیان", "ghahvechian"), ("فنجان‌پور", "fenjanpour"), ("شکرریز", "shekarriz"), ("هل‌نژاد", "helnejad"),
        ("نبات‌زاده", "nabatzadeh"), ("دارچینی‌فر", "darchinifar"), ("کافه‌دوست", "kafedoust"), ("سماوریان", "samavarian"),
    ),
    "en": (
        ("Beanfield", "beanfield"), ("Mugworth", "mugworth"), ("Cremason", "cremason"), ("Kettleby", "kettleby"),
        ("Roastman", "roastman"), ("Filterton", "filterton"), ("Spooner-Sugar", "spoonersugar"),
        ("Latteridge", "latteridge"),
    ),
}  # fmt: skip
_LOCALES = ("ar", "en", "fa")
_LOCALE_SHARES = (62, 23, 15)
_AT_HOME = 960  # of a thousand


class Person(Struct, frozen=True, kw_only=True):
    """Somebody who buys, or only made an account, between `arrived_at` and `left_at`.

    Without an account before `joined_at` they buy as a guest; None never join. `appetite` weighs how often they buy.
    """

    number: int
    name: str
    email: str
    locale: str
    market: Market
    arrived_at: datetime
    left_at: datetime
    joined_at: datetime | None
    appetite: float

    @property
    def account(self) -> CustomerRef:
        """Who they are to the store once they have an account."""
        return CustomerRef(external_id=str(self.number), email=self.email, name=self.name, locale=self.locale)

    def ref_at(self, moment: datetime) -> CustomerRef:
        """Who the store says they are, at this moment."""
        if self.joined_at is not None and self.joined_at <= moment:
            return self.account
        return CustomerRef(email=self.email, name=self.name, locale=self.locale)


def make_name(rng: Random, number: int) -> tuple[str, str, str]:
    """Return a made-up name, its mail address and its language."""
    locale = rng.choices(_LOCALES, _LOCALE_SHARES)[0]
    first, first_latin = rng.choice(_FIRST[locale])
    last, last_latin = rng.choice(_LAST[locale])
    return f"{first} {last}", f"{first_latin}.{last_latin}.{number}@example.com", locale


def choose_market(rng: Random) -> Market:
    """Where somebody buys: mostly at home."""
    return HOME if rng.randrange(1000) < _AT_HOME else rng.choice(ABROAD)

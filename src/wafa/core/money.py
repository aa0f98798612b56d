"""Money as whole minor units: exponents, parsing, exact rates and named rounding.

Source of the exponents: ISO 4217 (table A.1); only those that are not 2 are listed.
"""

import re
from enum import StrEnum
from fractions import Fraction

EXPONENTS = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF"), 0),
    **dict.fromkeys(("UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}

# ISO 4217: the money of today, and what was money until a few years ago, in which old orders were paid. Beside it the
# toman (IRT), in which shops in Iran reckon.
_CODES = """
AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE
CHF CHW CLF CLP CNY COP COU CRC CUC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ
GYD HKD HNL HRK HTG HUF IDR ILS INR IQD IRR IRT ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD
LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR
PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY
TTD TWD TZS UAH UGX USD USN UYI UYU UYW UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG ZWL
"""
CURRENCIES = frozenset(_CODES.split())

# Fourteen digits before the point: an amount fits a bigint in every currency, and a long text costs no time.
_DECIMAL = re.compile(r"(-?)([0-9]{1,14})(?:\.([0-9]{1,30}))?")


class MoneyError(ValueError):
    """An amount or a rate that cannot be read exactly."""


class Rounding(StrEnum):
    """How a fraction becomes a whole number."""

    DOWN = "down"
    UP = "up"
    HALF_UP = "half_up"
    HALF_EVEN = "half_even"


def is_currency(code: str) -> bool:
    """Whether it is the code of a currency: one that is mistyped would have no rate, and two decimals."""
    return code in CURRENCIES


def exponent_of(currency: str) -> int:
    """Decimal places of a currency's minor unit, by ISO 4217."""
    return EXPONENTS.get(currency, 2)


def parse_minor(text: str, currency: str, *, exponent: int | None = None, rounding: Rounding | None = None) -> int:
    """Read a decimal string ("190.00", "-9.5") as minor units of `currency`.

    `exponent` overrides ISO 4217 where a store keeps its own number of decimals (IQD, IRR). `rounding` says what to do
    with places finer than the minor unit; it looks at the amount without its sign, so a refund mirrors its sale.
    Raises MoneyError where the text is no plain decimal, or has finer places and no `rounding` is named.
    """
    matched = _DECIMAL.fullmatch(text)
    if matched is None:
        raise MoneyError(f"expected a decimal amount such as '12.50', got {text[:40]!r}")
    sign, whole, fraction = matched.groups("")
    places = exponent_of(currency) if exponent is None else exponent
    finer = fraction[places:].rstrip("0")
    if not finer:
        minor = int(whole + fraction[:places].ljust(places, "0"))
    elif rounding is None:
        raise MoneyError(f"{text!r} has more than the {places} decimals of {currency}")
    else:
        minor = divide(int(whole + fraction[:places] + finer), 10 ** len(finer), rounding)
    return -minor if sign else minor


def write_minor(amount_minor: int, *, exponent: int) -> str:
    """Minor units as the decimal string that stores read: 1250 with three decimals is "1.250"."""
    sign, digits = "-" if amount_minor < 0 else "", str(abs(amount_minor)).rjust(exponent + 1, "0")
    return f"{sign}{digits[:-exponent]}.{digits[-exponent:]}" if exponent else f"{sign}{digits}"


def parse_rate(text: str) -> Fraction:
    """Read an exchange rate ("3.75") exactly. Raises MoneyError unless it is a positive decimal."""
    rate = Fraction(text) if _DECIMAL.fullmatch(text) else Fraction(0)
    if rate <= 0:
        raise MoneyError(f"expected a positive decimal rate such as '3.75', got {text[:40]!r}")
    return rate


def divide(numerator: int, denominator: int, rounding: Rounding) -> int:
    """Whole quotient of a non-negative `numerator` by a positive `denominator`."""
    quotient, rest = divmod(numerator, denominator)
    if rest == 0 or rounding is Rounding.DOWN:
        return quotient
    if rounding is Rounding.UP:
        return quotient + 1
    if rounding is Rounding.HALF_UP:
        return quotient + (2 * rest >= denominator)
    return quotient + (2 * rest > denominator or (2 * rest == denominator and quotient % 2 == 1))


def convert_minor(
    amount_minor: int, *, rate: Fraction, from_exponent: int, to_exponent: int, rounding: Rounding = Rounding.HALF_EVEN
) -> int:
    """Convert minor units between currencies: `rate` is the price of one major unit of the source in the target."""
    scaled = rate * Fraction(10) ** (to_exponent - from_exponent) * amount_minor
    return divide(scaled.numerator, scaled.denominator, rounding)

"""The countries Falcon Coffee sells to: the currency, the tax, and what its money costs in riyals."""

from datetime import date

from msgspec import Struct

from wafa.core.money import Rounding, convert_minor, divide, exponent_of, parse_rate


class Market(Struct, frozen=True, kw_only=True):
    """`vat_percent` is what prices hold; an export holds none. `rates` follow one another week by week."""

    currency: str
    vat_percent: int = 0
    rates: tuple[str, ...] = ()
    price_step_minor: int = 1

    def rate_on(self, day: date) -> str | None:
        """What one unit of the currency costs in SAR that week; None at home."""
        return self.rates[day.toordinal() // 7 % len(self.rates)] if self.rates else None

    def price_minor(self, sar_minor: int) -> int:
        """The price tag for something that costs `sar_minor` with VAT in Saudi Arabia."""
        if not self.rates:
            return sar_minor
        untaxed_minor, _ = split_vat(sar_minor, HOME.vat_percent)
        exact = convert_minor(
            untaxed_minor,
            rate=1 / parse_rate(self.rates[0]) / self.price_step_minor,
            from_exponent=exponent_of(HOME.currency),
            to_exponent=exponent_of(self.currency),
        )
        return max(exact, 1) * self.price_step_minor


def split_vat(gross_minor: int, vat_percent: int) -> tuple[int, int]:
    """Split a price into what it is without tax, and the tax."""
    net_minor = divide(gross_minor * 100, 100 + vat_percent, Rounding.HALF_EVEN)
    return net_minor, gross_minor - net_minor


HOME = Market(currency="SAR", vat_percent=15)
ABROAD = (
    Market(currency="AED", rates=("1.0211",), price_step_minor=50),
    Market(currency="KWD", rates=("12.21", "12.24", "12.19", "12.26", "12.22"), price_step_minor=50),
    Market(currency="USD", rates=("3.75",), price_step_minor=25),
)

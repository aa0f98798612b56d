"""A coffee club whose members have lived through everything their page can tell."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.test import Client
from msgspec.structs import replace

from tests.world import BEGAN, World, order, spec_document
from wafa.core.snapshots import CustomerRef, OrderLine, OrderSnapshot, OrderStatus, Refund, RefundLine
from wafa.members.links import make_member_link
from wafa.programs.models import Program

POINTS = {
    "code": "points",
    "name": {
        "en": {"one": "point", "other": "points"},
        "ar": {"one": "نقطة", "two": "نقطتان", "few": "نقاط", "many": "نقطة", "other": "نقطة"},
        "fa": {"other": "امتیاز"},
    },
    "face_value": {"units": 100, "minor": 500},
    "maturity": {"kind": "after_days", "days": 14},
    "expiry": {"kind": "after_months", "months": 12},
}


class CoffeeClub(World):
    """One point for each riyal, pending for fourteen days, good for a year."""

    def __init__(self, document: dict[str, Any] | None = None) -> None:
        super().__init__(document or spec_document(units=[POINTS], rates={"USD": "3.75"}))
        self.slug = Program.objects.get(id=self.program_id).slug

    @property
    def path(self) -> str:
        return f"/m/{self.slug}/"

    def wear(self, **looks: str) -> None:
        """Change how the program's pages look."""
        Program.objects.filter(id=self.program_id).update(**looks)

    def link(self, customer: str, *, at: datetime | None = None) -> str:
        return self.link_of(self.member(customer), at=at)

    def link_of(self, member_id: UUID, *, at: datetime | None = None) -> str:
        return make_member_link(self.slug, self.program_id, member_id, at=at or datetime.now(UTC))

    def enter(self, client: Client, customer: str) -> None:
        assert client.get(self.link(customer)).status_code == 302


def basket(external_id: str, goods_minor: int, *, day: int, customer: str = "c1", **changes: Any) -> OrderSnapshot:
    """An order of two lines, with tax and shipping that earn nothing."""
    half = goods_minor // 2
    lines = (_line("1", "beans", half), _line("2", "cup", goods_minor - half))
    total = goods_minor + sum(line.tax_minor for line in lines) + 2000
    whose = CustomerRef(external_id=customer, email=f"{customer}@example.com", name="Noura Alharbi", locale="ar")
    snapshot = order(external_id, total, day=day, lines=lines, shipping_minor=2000)
    return replace(snapshot, **({"customer": whose} | changes))


def _line(line_id: str, product: str, amount_minor: int) -> OrderLine:
    return OrderLine(
        id=line_id,
        product_id=product,
        quantity=1,
        subtotal_minor=amount_minor,
        total_minor=amount_minor,
        tax_minor=amount_minor * 15 // 100,
    )


def part_refunded(snapshot: OrderSnapshot, *, day: int) -> OrderSnapshot:
    """The order once its first line came back."""
    first = snapshot.lines[0]
    back = RefundLine(line_id=first.id, amount_minor=first.total_minor, tax_minor=first.tax_minor, quantity=1)
    refund = Refund(id="r1", at=on(day), amount_minor=first.total_minor + first.tax_minor, lines=(back,))
    return replace(snapshot, refunds=(refund,), as_of=refund.at)


def fully_refunded(snapshot: OrderSnapshot, *, day: int) -> OrderSnapshot:
    """The order once all that was left of it came back too."""
    rest = Refund(id="r2", at=on(day), amount_minor=snapshot.total_minor - snapshot.refunded_minor)
    return replace(snapshot, refunds=(*snapshot.refunds, rest), as_of=rest.at)


def on(day: int) -> datetime:
    return BEGAN + timedelta(days=day)


def lived_club() -> CoffeeClub:
    """Noura's first months: an order came back bit by bit after its points were used, and she paid them off."""
    club = CoffeeClub()
    beans, mug = basket("1042", 19000, day=1), basket("1043", 1000, day=21, currency="USD")
    tea, gift = basket("1044", 30000, day=40), basket("1045", 5000, day=60)
    club.take(beans, at=on(1))
    club.take(partly := part_refunded(beans, day=4), at=on(4))
    club.turn_clock(on(16))
    club.redeem("c1", 60, key="r1", at=on(20))
    club.take(mug, at=on(21))
    club.take(fully_refunded(partly, day=30), at=on(30))
    club.turn_clock(on(36))
    club.take(tea, at=on(40))
    more = replace(tea, lines=(*tea.lines, _line("3", "tea", 6000)), total_minor=tea.total_minor + 6900, as_of=on(41))
    club.take(more, at=on(41))
    club.turn_clock(on(55))
    club.take(gift, at=on(60))
    club.take(replace(gift, status=OrderStatus.CANCELLED, as_of=on(61)), at=on(61))
    club.take(basket("1046", 8000, day=70), at=on(70))
    return club

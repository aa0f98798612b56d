"""What Falcon Coffee sells. Prices are halalas and hold 15 % VAT."""

from msgspec import Struct


class Variant(Struct, frozen=True, kw_only=True):
    """One thing that can be put in a basket. `popularity` is its weight when somebody chooses."""

    id: str
    product_id: str
    sku: str
    name: str
    price_minor: int
    popularity: int
    collections: tuple[str, ...]
    tags: tuple[str, ...]


# Where it belongs, how often it is chosen, what it is called, and what each of its variants costs.
_SHELF: tuple[tuple[str, int, str, tuple[str, ...], tuple[tuple[str, int], ...]], ...] = (
    ("beans", 90, "Haraz Terraces", ("yemen", "natural"), (("250 g", 78_00), ("1 kg", 268_00))),
    ("beans", 85, "Jazan Heights", ("saudi", "washed"), (("250 g", 92_00), ("1 kg", 320_00))),
    ("beans", 95, "Guji Garden", ("ethiopia", "natural"), (("250 g", 69_00), ("1 kg", 239_00))),
    ("beans", 80, "Sidama Morning", ("ethiopia", "washed"), (("250 g", 65_00), ("1 kg", 225_00))),
    ("beans", 60, "Huila Orchard", ("colombia", "washed"), (("250 g", 62_00), ("1 kg", 212_00))),
    ("beans", 100, "Falcon House Blend", ("blend",), (("250 g", 49_00), ("1 kg", 169_00))),
    ("beans", 70, "Night Flight Espresso", ("blend", "espresso"), (("250 g", 55_00), ("1 kg", 189_00))),
    ("beans", 45, "Quiet Decaf", ("blend", "decaf"), (("250 g", 58_00),)),
    ("beans", 75, "Arabic Roast with Cardamom", ("saudi", "ground"), (("250 g", 54_00), ("500 g", 99_00))),
    ("beans", 25, "Roaster's Choice", ("limited",), (("200 g", 110_00),)),
    ("brewers", 16, "Glass Dripper", ("filter",), (("one cup", 85_00), ("four cups", 115_00))),
    ("brewers", 12, "French Press", ("immersion",), (("350 ml", 129_00), ("1 l", 179_00))),
    ("brewers", 9, "Travel Press", ("immersion",), (("300 ml", 165_00),)),
    ("brewers", 8, "Moka Pot", ("stove",), (("three cups", 119_00), ("six cups", 159_00))),
    ("brewers", 10, "Brass Dallah", ("arabic",), (("600 ml", 249_00),)),
    ("brewers", 5, "Hand Grinder", ("grinder",), (("steel", 389_00),)),
    ("brewers", 2, "Peregrine Espresso Machine", ("espresso",), (("black", 3_450_00), ("cream", 3_450_00))),
    ("cups", 22, "Stoneware Cup", ("ceramic",), (("sand", 45_00), ("night", 45_00), ("palm", 45_00))),
    ("cups", 14, "Finjan Set of Six", ("arabic",), (("white", 95_00), ("gold rim", 145_00))),
    ("cups", 11, "Travel Mug", ("steel",), (("350 ml", 99_00),)),
    ("extras", 30, "Paper Filters", ("filter",), (("100 sheets", 22_00),)),
    ("extras", 9, "Descaling Powder", ("care",), (("four sachets", 35_00),)),
    ("gifts", 12, "Three Origins Box", ("gift",), (("3 × 100 g", 139_00),)),
    ("gifts", 9, "Arabic Coffee Gift Set", ("gift", "arabic"), (("dallah and cups", 420_00),)),
    ("gifts", 6, "Discovery Set", ("gift", "filter"), (("dripper, filters, beans", 229_00),)),
)


def _stock() -> tuple[Variant, ...]:
    stock = []
    for position, (collection, popularity, name, tags, sizes) in enumerate(_SHELF, start=1):
        for size, (label, price_minor) in enumerate(sizes, start=1):
            stock.append(
                Variant(
                    id=f"{position}{size:02}",
                    product_id=str(position),
                    sku=f"FC-{position:02}-{size}",
                    name=f"{name}, {label}",
                    price_minor=price_minor,
                    popularity=popularity // size or 1,
                    collections=(collection,),
                    tags=tags,
                )
            )
    return tuple(stock)


CATALOGUE = _stock()
BY_SKU = {variant.sku: variant for variant in CATALOGUE}

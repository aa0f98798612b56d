"""The document by which the benchmark's programs decide."""

from typing import Any

REWARD, UNITS_OF_REWARD = "coffee", 10

PROGRAM: dict[str, Any] = {
    "name": {"en": "Benchmark"},
    "currency": "SAR",
    "time_zone": "Asia/Riyadh",
    "units": [
        {
            "code": "points",
            "name": {"en": {"one": "point", "other": "points"}},
            "maturity": {"kind": "after_days", "days": 14},
            "expiry": {"kind": "after_months", "months": 12},
        }
    ],
    "rewards": [
        {
            "id": REWARD,
            "name": {"en": "A coffee"},
            "gives": {"kind": "amount_off", "minor": {"SAR": 500}},
            "cost": {"kind": "fixed", "unit": "points", "units": UNITS_OF_REWARD},
        }
    ],
    "earning": [
        {
            "id": "orders",
            "name": {"en": "Orders"},
            "unit": "points",
            "award": {"kind": "per_amount", "units": 1, "per_minor": 100, "mode": "proportional"},
        }
    ],
}

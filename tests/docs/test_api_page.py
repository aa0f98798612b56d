"""The API page is a program: its blocks run in order against the product, as a developer would type them."""

import base64
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.served import served
from tests.world import World, spec_document, unit
from wafa.core.books import Balance
from wafa.kit.transactions import program_transaction
from wafa.programs.operations import create_api_key

DOCS = Path(__file__).parents[2] / "docs"
SECRET = f"whsec_{base64.b64encode(b'a key of the corner shop').decode()}"
REWARDS = [
    {
        "id": "wallet",
        "name": {"en": "Money off"},
        "gives": {"kind": "amount_off", "minor": {"SAR": 100}},
        "cost": {"kind": "variable", "unit": "points", "step": 10, "least": 20, "most": 500},
    },
    {
        "id": "feast",
        "name": {"en": "A feast"},
        "gives": {"kind": "experience"},
        "cost": {"kind": "fixed", "unit": "points", "units": 5_000},
    },
]
COUPONS = [
    {
        "id": "eid",
        "name": {"en": "Eid"},
        "gives": {"kind": "percent_off", "basis_points": 1_000},
        "codes": {"kind": "shared", "code": "EID26"},
        "limits": {"member": 1},
    },
    {
        "id": "welcome",
        "name": {"en": "Welcome"},
        "gives": {"kind": "amount_off", "minor": {"SAR": 500}},
        "codes": {"kind": "shared", "code": "WELCOME"},
        "conditions": [{"kind": "nth_order", "numbers": [1]}],
    },
    {
        "id": "free_delivery",
        "name": {"en": "Free delivery"},
        "gives": {"kind": "free_shipping"},
        "codes": {"kind": "automatic"},
    },
    {
        "id": "sorry",
        "name": {"en": "Sorry"},
        "gives": {"kind": "amount_off", "minor": {"SAR": 500}},
        "codes": {"kind": "unique"},
    },
]
TIERS = {
    "ladder": [
        {
            "id": "regular",
            "name": {"en": "Regular"},
            "entry": {"orders": 1},
            "perks": [{"id": "free_shipping", "name": {"en": "Free shipping"}}],
        },
        {"id": "gold", "name": {"en": "Gold"}, "entry": {"spend_minor": 100_000}},
    ],
    "window": {"kind": "lifetime"},
}
PROFILE = {
    "fields": [
        {
            "id": "roast",
            "name": {"en": "Favourite roast"},
            "reason": {"en": "So that we recommend beans you like."},
            "type": "choice",
            "choices": [{"id": "light", "name": {"en": "Light"}}, {"id": "dark", "name": {"en": "Dark"}}],
        }
    ]
}


def blocks(page: Path) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```$", page.read_text(), re.DOTALL | re.MULTILINE)


@pytest.mark.django_db(transaction=True)
def test_the_page_is_true() -> None:
    referral = {"advocate": {"each_friend": {"kind": "units", "unit": "points", "units": 200}}}
    parts = {
        "profile": PROFILE,
        "tiers": TIERS,
        "rewards": REWARDS,
        "coupons": {"campaigns": COUPONS},
        "referral": referral,
    }
    world = World(spec_document(units=[unit(transfer={})], **parts), secret=SECRET)
    with program_transaction(world.program_id):
        key = create_api_key(world.program_id, name="widget", scopes=["read"], at=datetime.now(UTC))
        till = create_api_key(world.program_id, name="till", scopes=["write"], at=datetime.now(UTC))
        desk = create_api_key(world.program_id, name="fraud desk", scopes=["manage"], at=datetime.now(UTC))
    with served() as origin:
        names: dict[str, Any] = {
            "origin": origin,
            "program": world.program_id,
            "store": world.store,
            "secret": SECRET,
            "token": key.token,
            "writer": till.token,
            "manager": desk.token,
        }
        signing = next(block for block in blocks(DOCS / "connectors" / "direct.md") if "def headers_for" in block)
        for block in [signing, *blocks(DOCS / "api.md")]:
            exec(compile(block, "api.md", "exec"), names)
    assert world.balance("c-7") == Balance(available=10, issued=45, redeemed=30, transferred=5)

"""Each captured delivery and what it says: read the golden files like a table.

`WAFA_REGENERATE=1` writes them again; look at the difference before you keep it.
"""

import os
from pathlib import Path

import msgspec
import pytest

from tests.connectors import captured
from wafa.connectors.stores.woocommerce import WooCommerce

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize("stem", captured.DELIVERIES)
def test_captured_delivery_says(stem: str) -> None:
    facts = WooCommerce().translate(captured.DELIVERIES[stem], captured.STORE)
    told = [{"fact": type(fact).__name__, **msgspec.to_builtins(fact)} for fact in facts]
    text = msgspec.json.format(msgspec.json.encode(told), indent=2).decode() + "\n"
    golden = GOLDEN / f"{stem}.json"
    if os.environ.get("WAFA_REGENERATE") == "1":
        golden.write_text(text)
    assert text == golden.read_text()


def test_no_golden_file_is_left_over() -> None:
    assert {path.stem for path in GOLDEN.glob("*.json")} == set(captured.DELIVERIES)

"""How many examples a law is tried with: `make test` takes the time that it takes, `make test-fast` does not."""

import os
from typing import Any

from hypothesis import settings

EVERYDAY = os.environ.get("WAFA_TEST_PROFILE") == "everyday"


def examples(count: int, **others: Any) -> settings:
    """So many examples; a tenth of them with `make test-fast`, but two at least. `others` are Hypothesis' own."""
    return settings(max_examples=max(2, count // 10) if EVERYDAY else count, **others)

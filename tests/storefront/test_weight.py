"""What a member's phone has to load for the page: a budget, not a hope."""

import gzip
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from tests.storefront.coffee import lived_club

pytestmark = pytest.mark.django_db(transaction=True)

_LINKED = re.compile(r'(?:src|href)="/static/([^"?]+\.(?:js|css))')
_MOST_BYTES = 30_000


def _packed(content: bytes) -> int:
    return len(gzip.compress(content, mtime=0))


def test_mistake_20_a_widget_of_100_kilobytes() -> None:
    """Everything that shows a member their points, with the page itself, is below 30 kB as it travels."""
    club, client = lived_club(), Client()
    club.enter(client, "c1")
    page = client.get(club.path).content

    linked = sorted(set(_LINKED.findall(page.decode())))
    assert any(name.endswith(".css") for name in linked), "the page has no style sheet"
    found = {name: finders.find(re.sub(r"\.[0-9a-f]{12}\.", ".", name)) for name in linked}
    assert all(found.values()), found
    weights = {name: _packed(Path(str(path)).read_bytes()) for name, path in found.items()} | {"page": _packed(page)}
    assert sum(weights.values()) < _MOST_BYTES, weights

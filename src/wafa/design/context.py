"""What every template may count on."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import get_language

from wafa.kit.formats import Formats


def formats(request: HttpRequest) -> dict[str, Any]:
    """`formats`: those a door set as `request.formats`, otherwise the usual ones of the language."""
    chosen = getattr(request, "formats", None)
    return {"formats": chosen or Formats.usual(get_language() or "en")}

"""The link that members give to their friends."""

from django.conf import settings
from django.urls import reverse


def friend_path(slug: str, code: str) -> str:
    """The path of the page on which a friend of whoever has this code arrives."""
    return reverse("storefront:friend", args=[slug, code])


def friend_link(slug: str, code: str) -> str:
    """The whole address."""
    return f"{settings.ORIGIN}{friend_path(slug, code)}"

"""What the pages of the sign-in have to know."""

from django.conf import settings
from django.http import HttpRequest


def mail(_request: HttpRequest) -> dict[str, bool]:
    """`mail_is_sent`: whether this installation has a mail server. Without one nobody is promised a message."""
    return {"mail_is_sent": settings.MAIL_IS_SENT}

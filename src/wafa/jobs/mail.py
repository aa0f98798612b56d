"""Sending a mail that the outbox promised."""

from smtplib import SMTPException, SMTPRecipientsRefused

from django.conf import settings
from django.core.mail import EmailMessage

from wafa.jobs.acting import GiveUp, TryLater

_NO_SERVER = "django.core.mail.backends.dummy.EmailBackend"


def find_mail_obstacle() -> str:
    """Why no mail can be sent here; empty where it can."""
    return "no mail can be sent: WAFA_SMTP_URL names no server" if settings.EMAIL_BACKEND == _NO_SERVER else ""


def send_mail(mail: EmailMessage) -> None:
    """Hand it to the mail server. Raises TryLater and GiveUp; neither says to whom it was."""
    if obstacle := find_mail_obstacle():
        raise GiveUp(obstacle)
    try:
        mail.send()
    except SMTPRecipientsRefused:
        raise GiveUp("the mail server takes nothing for this address") from None
    except (SMTPException, OSError) as error:
        raise TryLater(f"the mail server did not take it: {type(error).__name__}") from None

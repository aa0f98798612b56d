"""Sending a mail that the outbox promised."""

from email.utils import parseaddr
from smtplib import SMTPException, SMTPRecipientsRefused
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.encoding import punycode

from wafa.jobs.acting import GiveUp, TryLater
from wafa.relay.operations import TakenCommand

_NO_SERVER = "django.core.mail.backends.dummy.EmailBackend"


def find_mail_obstacle() -> str:
    """Why no mail can be sent here; empty where it can."""
    return "no mail can be sent: WAFA_SMTP_URL names no server" if settings.EMAIL_BACKEND == _NO_SERVER else ""


def send_mail(mail: EmailMessage, command: TakenCommand) -> None:
    """Hand the mail of a command to the mail server. Raises TryLater and GiveUp; neither says to whom it was.

    A worker that dies before it is noted leaves it to be sent again: under the same name, by which mail systems that
    look for it know that they have it.
    """
    if obstacle := find_mail_obstacle():
        raise GiveUp(obstacle)
    mail.extra_headers["Message-ID"] = name_mail(command.id)
    try:
        mail.send()
    except SMTPRecipientsRefused:
        raise GiveUp("the mail server takes nothing for this address") from None
    except (SMTPException, OSError) as error:
        raise TryLater(f"the mail server did not take it: {type(error).__name__}") from None


def name_mail(command_id: UUID) -> str:
    """The Message-ID (RFC 5322, 3.6.4) of a command's mail, on whatever machine it is sent."""
    _, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    return f"<{command_id}@{punycode(address.rpartition('@')[2])}>"

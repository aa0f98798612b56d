"""Send a member's invitation to whom they named."""

from uuid import UUID

from django.core.mail import EmailMessage
from django.utils import translation
from django.utils.translation import gettext as _

from wafa.jobs.acting import GiveUp
from wafa.jobs.mail import find_mail_obstacle, send_mail
from wafa.kit.secrets import CannotUnseal, unseal
from wafa.kit.transactions import program_transaction
from wafa.members.queries import load_names
from wafa.programs.queries import get_program, get_program_rules
from wafa.referrals.links import friend_link
from wafa.relay.operations import TakenCommand, forget_in_payload
from wafa.reports.phrases import name_of


def send_invitation(program_id: UUID, command: TakenCommand) -> None:
    """Send it in the language of whoever invites, and forget to whom. Raises TryLater and GiveUp."""
    if obstacle := find_mail_obstacle():
        raise GiveUp(obstacle)
    if "to" not in command.payload:
        return  # sent before, by a worker that died then
    advocate_id = UUID(command.payload["advocate"])
    try:
        to = unseal(command.payload["to"])
    except CannotUnseal as error:
        raise GiveUp(str(error)) from None
    with program_transaction(program_id):
        name = load_names(program_id, [advocate_id]).get(advocate_id, "")
        rules = get_program_rules(program_id)
    program = get_program(program_id)
    language = command.payload["language"]
    with translation.override(language):
        called = name_of(rules.versions[-1].spec.name, language) if rules.versions else program.name
        mail = _write(name, called, friend_link(program.slug, command.payload["code"]))
    mail.to = [to]
    send_mail(mail, command)
    with program_transaction(program_id):
        forget_in_payload(program_id, command, "to")


def _write(name: str, program: str, link: str) -> EmailMessage:
    """The mail, in the active language. What a person is called holds no line breaks, nor could a header."""
    name = " ".join(name.split())
    if name:
        subject = _("{name} invites you to {program}").format(name=name, program=program)
    else:
        subject = _("You are invited to {program}").format(program=program)
    body = _(
        "{subject}.\n\nThis link says what is waiting for you:\n{link}\n\n"
        "If you do not want it, there is nothing to do: this was sent once, and your address is not kept."
    )
    return EmailMessage(subject=subject, body=body.format(subject=subject, link=link))

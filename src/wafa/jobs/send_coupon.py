"""Send a member the code that was handed to them."""

from datetime import UTC, datetime
from uuid import UUID

from django.core.mail import EmailMessage
from django.utils import translation
from django.utils.translation import gettext as _

from wafa.core.spec import Language
from wafa.coupons.codes import KeptCode, find_codes
from wafa.flows.send_coupons import find_obstacles
from wafa.jobs.acting import GiveUp
from wafa.jobs.mail import send_mail
from wafa.kit.transactions import program_transaction
from wafa.members.models import Member
from wafa.members.queries import get_member
from wafa.programs.formats import formats_for
from wafa.programs.queries import get_program, get_program_rules
from wafa.relay.operations import TakenCommand
from wafa.reports.campaigns import tell_gives
from wafa.reports.passed import last_moment
from wafa.reports.phrases import name_of

_LANGUAGES: dict[str, Language] = {"en": "en", "ar": "ar", "fa": "fa"}


def send_coupon(program_id: UUID, command: TakenCommand) -> None:
    """Write it in the member's language and send it, to whoever has the code by now.

    Nothing is sent to who does not want it any more, or has no address; nor what cannot be used any more. Raises
    TryLater and GiveUp.
    """
    code_id, at = UUID(command.payload["code"]), datetime.now(UTC)
    with program_transaction(program_id):
        code = find_codes(program_id, [code_id]).get(code_id)
        if code is None or code.member_id is None or find_obstacles(program_id, [code.member_id]):
            return
        if code.used or (code.valid_until is not None and code.valid_until <= at):
            return
        member = get_member(program_id, code.member_id)
        mail = _write(program_id, member, code, at=at)
    mail.to = [member.email]
    send_mail(mail, command)


def _write(program_id: UUID, member: Member, code: KeptCode, *, at: datetime) -> EmailMessage:
    program, rules = get_program(program_id), get_program_rules(program_id)
    version = rules.in_force(at)
    campaign = version.spec.coupons.by_id.get(code.campaign) if version else None
    if version is None or campaign is None:
        raise GiveUp("the program has no such campaign any more")
    language = _language_of(member.locale, program.locale)
    formats = formats_for(program, language)
    with translation.override(language):
        name = name_of(version.spec.name, language)
        told = [
            _("A coupon for you from {program}: {gift}.").format(
                program=name, gift=str(tell_gives(campaign, version.spec, formats))
            ),
            _("Your code: {code}").format(code=code.code),
        ]
        if code.valid_until is not None:
            day = formats.date(last_moment(code.valid_until))
            told.append(_("It can be used until {day}.").format(day=day))
        told.append(_("It is yours alone: nobody else can use it."))
        subject = _("A coupon from {program}").format(program=" ".join(name.split()))
    return EmailMessage(subject=subject, body="\n\n".join(told))


def _language_of(locale: str, usual: str) -> Language:
    """The language that the member's store told of them, where it is one of ours; else the program's."""
    spoken = locale.replace("_", "-").split("-")[0].lower()
    return _LANGUAGES.get(spoken) or _LANGUAGES[usual]

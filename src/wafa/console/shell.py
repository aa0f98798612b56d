"""The frame of the console's pages: its navigation."""

from datetime import UTC, datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from wafa.design.shells import ConsoleShell, NavGroup, NavItem
from wafa.kit.formats import Formats
from wafa.programs.models import Program
from wafa.programs.queries import get_program_rules
from wafa.referrals.queries import count_in_state
from wafa.relay.queries import count_parked_deliveries

# The pages that stand under another one in the navigation.
_WITHIN = {
    "campaign": "coupons",
    "goodwill": "members",
    "member": "members",
    "segments": "members",
    "redemption": "redemptions",
    "delivery": "deliveries",
    "version": "program",
    "import": "imports",
    "referral": "referrals",
    "rule-referral": "referrals",
    "statement": "partners",
    "record-payment": "partners",
}


def build_shell(program: Program, *, page: str, account: str, formats: Formats) -> ConsoleShell:
    """The frame around `page` (the name of its address). Parked deliveries and referrals to be reviewed ask for it."""
    parked = count_parked_deliveries(program.id)

    def item(name: str, of: str, icon: str, count: int = 0) -> NavItem:
        current = of == _WITHIN.get(page, page)
        told = formats.number(count) if count else ""
        return NavItem(name, reverse(f"console:{of}", args=[program.slug]), icon, current=current, count=told)

    rules = get_program_rules(program.id)
    of_referrals: tuple[NavItem, ...] = ()
    if rules.has_referrals:
        waiting = count_in_state(program.id, "qualified")
        of_referrals = (item(_("Referrals"), "referrals", "referrals", waiting),)
    first = (
        item(_("Home"), "home", "home"),
        item(_("Members"), "members", "members"),
        item(_("Redemptions"), "redemptions", "gift"),
        *of_referrals,
        item(_("Coupons"), "coupons", "coupon"),
        item(_("Deliveries"), "deliveries", "deliveries", parked),
        item(_("Outbox"), "outbox", "outbox"),
    )
    partners = (item(_("Partners"), "partners", "partners"),) if rules.has_partners else ()
    of_program = (
        item(_("Stores"), "stores", "store"),
        *partners,
        item(_("Program"), "program", "rules"),
        item(_("Bring a history"), "imports", "inbox"),
    )
    of_account = (NavItem(_("Two-step sign-in"), reverse("mfa_index"), "lock"),)
    return ConsoleShell(
        program_name=program.name,
        live=rules.in_force(datetime.now(UTC)) is not None,
        groups=(NavGroup("", first), NavGroup(_("Set up"), of_program), NavGroup(_("Account"), of_account)),
        home_url=reverse("console:home", args=[program.slug]),
        account=account,
        sign_out_url=reverse("account_logout"),
    )

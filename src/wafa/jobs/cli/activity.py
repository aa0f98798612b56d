"""`wafa activity`: tell what somebody did beside ordering, where no store does."""

from datetime import UTC, datetime
from typing import Any

import click

from wafa.core.activities import ActivityNotice, MemberActivity
from wafa.core.program import Program
from wafa.core.snapshots import CustomerRef
from wafa.core.spec import Properties
from wafa.flows.take_facts import Outcome, OutcomeKind, StoreFact, take_facts
from wafa.jobs.cli import program_called
from wafa.kit.transactions import program_transaction
from wafa.programs.queries import find_store, get_program_rules


@click.group()
def command() -> None:
    """Tell what members did beside ordering."""


@command.command()
@click.argument("slug")
@click.argument("kind")
@click.option("--store", "code", required=True, help="The code of the store in which it happened.")
@click.option("--key", required=True, help="Names it: no other of its kind in the store has it.")
@click.option("--customer", help="The store's own id of whoever did it.")
@click.option("--email", help="Their e-mail, where they have no account.")
@click.option("--phone", help="Their phone, such as +966500000002.")
@click.option("--property", "told", multiple=True, metavar="NAME=VALUE", help="What is told of it: stars=5.")
@click.option("--currency", help="Of its amounts (ISO 4217); the program's, unless given.")
@click.option("--at", type=click.DateTime(["%Y-%m-%dT%H:%M:%SZ"]), help="When it happened (UTC); now.")
def record(
    slug: str,
    kind: str,
    code: str,
    key: str,
    customer: str | None,
    email: str | None,
    phone: str | None,
    told: tuple[str, ...],
    currency: str | None,
    at: datetime | None,
) -> None:
    """Record an activity of this KIND (review, visit, custom:pickup, …) in the program SLUG, and book what it earns.

    Recorded again with the same key, nothing happens.
    """
    program_id, now = program_called(slug).id, datetime.now(UTC)
    if not (customer or email or phone):
        raise click.UsageError("expected --customer, --email or --phone: somebody did it.")
    with program_transaction(program_id):
        store = find_store(program_id, code=code)
        if store is None:
            raise click.BadParameter(f"{slug} has no store {code!r}", param_hint="--store")
        happened_at = at.replace(tzinfo=UTC) if at else now
        activity = MemberActivity(
            kind=kind,
            key=key,
            occurred_at=happened_at,
            store=code,
            properties=_read(told, _properties_of(get_program_rules(program_id), kind, at=happened_at)),
            currency=currency,
        )
        whose = CustomerRef(external_id=customer, email=email, phone=phone)
        notice = ActivityNotice(customer=whose, activity=activity)
        (outcome,) = take_facts(program_id, [StoreFact(store_id=store.id, store=code, fact=notice)], at=now)
    if outcome.kind is not OutcomeKind.TAKEN:
        raise click.ClickException(outcome.reason)
    _tell(outcome)


def _properties_of(program: Program, kind: str, *, at: datetime) -> Properties:
    version = program.in_force(at)
    return version.spec.kinds.get(kind, {}) if version else {}


def _read(told: tuple[str, ...], known: Properties) -> dict[str, str | int | bool]:
    """Each value by the type of its property; what does not fit stays a text, and is refused with its name."""
    properties: dict[str, str | int | bool] = {}
    for each in told:
        name, _, text = each.partition("=")
        kind = known[name].type if name in known else "text"
        value: Any = text
        if kind == "boolean" and text in ("true", "false"):
            value = text == "true"
        elif kind in ("integer", "money") and text.removeprefix("-").isdecimal():
            value = int(text)
        properties[name] = value
    return properties


def _tell(outcome: Outcome) -> None:
    if not outcome.activities:
        click.echo("It was recorded before; nothing happened.")
        return
    granted = [lot for journal in outcome.journals for lot in journal.lots]
    earned = ", ".join(f"{lot.granted} {lot.unit} ({lot.rule})" for lot in granted) or "nothing"
    click.echo(f"Recorded for member {outcome.member_id}. It earned {earned}.")

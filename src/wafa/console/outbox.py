"""What we promised the world outside: what was kept, what is tried again, what needs a person."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST

from wafa.console.desk import Desk, for_changers, for_staff, show
from wafa.console.listing import LIMIT, Listing
from wafa.console.names import STATE_TONES, command_kind_name, command_state_name
from wafa.kit.queue import RUN_OUTBOX, start_job
from wafa.relay.models import Command, CommandState
from wafa.relay.operations import replay_command
from wafa.relay.queries import count_commands, list_commands


@dataclass(frozen=True, slots=True)
class CommandRow:
    """One command of the list."""

    command: Command
    kind: str
    state: str
    tone: str
    is_parked: bool


@for_staff
def show_outbox(request: HttpRequest, desk: Desk) -> HttpResponse:
    """A page of the commands, newest first, in one state or all."""
    listing = Listing(request, orders=("-id", "id"), states=CommandState.values)
    page = list_commands(
        desk.program.id,
        states=[CommandState(listing.state)] if listing.state else (),
        kind=listing.q,
        order=listing.sort,
        cursor=listing.cursor,
        limit=LIMIT,
    )
    counts = count_commands(desk.program.id)
    names = {"": pgettext("commands", "All")} | {state: command_state_name(state) for state in CommandState.values}
    context = {
        "listing": listing,
        "filters": listing.choices(names, {state: desk.formats.number(count) for state, count in counts.items()}),
        "rows": [tell_command(command) for command in page.rows],
        "by_time": listing.sorting("id"),
        "previous": listing.page(page.previous),
        "next": listing.page(page.next),
        "is_empty": not sum(counts.values()),
    }
    return show(request, desk, "outbox", context)


@require_POST
@for_changers
def retry(request: HttpRequest, desk: Desk, command_id: UUID) -> HttpResponse:
    """Try a parked command again."""
    if replay_command(desk.program.id, command_id, at=datetime.now(UTC)):
        transaction.on_commit(lambda: start_job(RUN_OUTBOX, program_id=desk.program.id))
        messages.success(request, _("It is tried again now."))
    else:
        messages.error(request, _("This is not parked any more. Nothing was changed."))
    return redirect("console:outbox", desk.program.slug)


def tell_command(command: Command) -> CommandRow:
    return CommandRow(
        command=command,
        kind=command_kind_name(command.kind),
        state=command_state_name(command.state),
        tone=STATE_TONES[command.state],
        is_parked=command.state == CommandState.PARKED,
    )

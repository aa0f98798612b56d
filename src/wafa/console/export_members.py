"""All members that a list shows, as a file for spreadsheets."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from uuid import UUID

from django.db.models.expressions import RawSQL
from django.http import HttpRequest, StreamingHttpResponse
from django.views.decorators.http import require_safe

from wafa.console.desk import Desk, for_staff
from wafa.console.listing import Listing
from wafa.console.members import read_listing
from wafa.core.books import Balance
from wafa.kit.spreadsheets import as_text, write_rows
from wafa.kit.transactions import program_transaction
from wafa.ledger.queries import list_balances
from wafa.members.models import Member
from wafa.members.queries import list_members
from wafa.programs.queries import get_program_rules
from wafa.reports.units import list_units

# Who is in a segment is found again for each chunk.
_CHUNK = 5_000
_POCKETS = ("available", "pending", "held", "claimable", "debt")
_NAMES = ("id", "state", "name", "email", "phone", "joined_at", "first_seen_at")


@require_safe
@for_staff
def export_members(request: HttpRequest, desk: Desk) -> StreamingHttpResponse:
    """The members that match, in the list's order: amounts in units, times in UTC. Sent while it is read."""
    program, at = get_program_rules(desk.program.id), datetime.now(UTC)
    version = program.in_force(at)
    listing, among = read_listing(request, desk, version.spec if version else None, at=at)
    units = [unit.code for unit in list_units(program)]
    return StreamingHttpResponse(
        write_rows(_rows(desk.program.id, listing, among, units)),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{desk.program.slug}-members.csv"'},
    )


def _rows(program_id: UUID, listing: Listing, among: RawSQL | None, units: Sequence[str]) -> Iterator[Sequence[object]]:
    """A transaction for each chunk: none stays open for as long as a slow reader takes."""
    yield [*_NAMES, *(f"{unit}_{pocket}" for unit in units for pocket in _POCKETS)]
    cursor: str | None = ""
    while cursor is not None:
        with program_transaction(program_id):
            page = list_members(
                program_id,
                listing.q,
                state=listing.state or None,
                among=among,
                order=listing.sort,
                cursor=cursor,
                limit=_CHUNK,
            )
            balances = list_balances(program_id, [member.id for member in page.rows])
        for member in page.rows:
            yield _row(member, balances.get(member.id, {}), units)
        cursor = page.next


def _row(member: Member, balances: dict[str, Balance], units: Sequence[str]) -> list[object]:
    joined = member.joined_at.isoformat() if member.joined_at else ""
    about = [member.state, *map(as_text, (member.name, member.email)), member.phone and f"'{member.phone}"]
    held = [getattr(balances.get(unit, Balance()), pocket) for unit in units for pocket in _POCKETS]
    return [member.id, *about, joined, member.created_at.isoformat(), *held]

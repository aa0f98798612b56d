"""What a cart would earn, for stores that want to say so before it is paid."""

from datetime import UTC, datetime
from http import HTTPStatus
from uuid import UUID

from wafa.api.hot import Answer, Refused, Request
from wafa.api.keys import check_key
from wafa.api.threads import in_a_thread
from wafa.connectors.contract import CannotUnderstand
from wafa.connectors.stores.direct.carts import read_cart
from wafa.core.calendars import OutsideCalendar
from wafa.core.earn import MissingRate
from wafa.core.preview import Preview
from wafa.core.snapshots import OrderSnapshot
from wafa.flows.preview_cart import preview_cart
from wafa.kit.transactions import program_transaction
from wafa.programs.queries import get_program_rules


async def show_preview(request: Request) -> Answer:
    """What each rule would grant, with its arithmetic, and why not the rest. Nothing is written."""
    program_id = await check_key(request, scope="read")
    store, now = request.path["store"], datetime.now(UTC)
    try:
        cart = read_cart(request.body, store=store, at=now)
        found = await in_a_thread(_preview, program_id, cart, store, now)
    except CannotUnderstand as error:
        raise Refused(
            HTTPStatus.UNPROCESSABLE_ENTITY, "cannot_understand", f"expected {error.expected}", field=error.path
        ) from None
    except (MissingRate, OutsideCalendar) as error:
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, "refused", str(error)) from None
    return Answer(status=HTTPStatus.OK, content=found)


def _preview(program_id: UUID, cart: OrderSnapshot, store: str, at: datetime) -> Preview:
    with program_transaction(program_id):
        return preview_cart(program_id, get_program_rules(program_id), cart, store=store, at=at)

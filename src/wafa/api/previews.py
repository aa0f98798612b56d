"""What a cart would earn, for stores that want to say so before it is paid."""

from datetime import UTC, datetime
from http import HTTPStatus

from wafa.api.hot import Answer, Refused, Request
from wafa.api.keys import check_key
from wafa.connectors.contract import CannotUnderstand
from wafa.connectors.stores.direct.carts import read_cart
from wafa.core.calendars import OutsideCalendar
from wafa.core.earn import MissingRate
from wafa.flows.preview_cart import preview_cart
from wafa.kit.transactions import program_transaction
from wafa.programs.queries import get_program_rules


def show_preview(request: Request) -> Answer:
    """What each rule would grant, with its arithmetic, and why not the rest. Nothing is written."""
    program_id = check_key(request, scope="read")
    now = datetime.now(UTC)
    try:
        cart = read_cart(request.body, store=request.path["store"], at=now)
        with program_transaction(program_id):
            program = get_program_rules(program_id)
            found = preview_cart(program_id, program, cart, store=request.path["store"], at=now)
    except CannotUnderstand as error:
        raise Refused(
            HTTPStatus.UNPROCESSABLE_ENTITY, "cannot_understand", f"expected {error.expected}", field=error.path
        ) from None
    except (MissingRate, OutsideCalendar) as error:
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, "refused", str(error)) from None
    return Answer(status=HTTPStatus.OK, content=found)

"""Look up a coupon by its code: whose campaign it is, who has it, and what became of it. Guessing is limited."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from wafa.core.codes import bare_code
from wafa.coupons.codes import find_code_ids, find_codes
from wafa.coupons.models import Handout, Use
from wafa.coupons.queries import find_handout, list_uses, list_uses_of_code
from wafa.flows.look_up_voucher import TooManyGuesses
from wafa.programs.queries import get_program_rules
from wafa.rewards.guesses import count_miss, may_guess

_LATEST = 20


class CouponStory(Struct, frozen=True, kw_only=True):
    """A coupon that somebody shows. `code_id` is None where all share the code; then `uses` are the latest of all."""

    campaign: str
    code: str
    code_id: UUID | None
    handout: Handout | None
    uses: list[Use]


def look_up_coupon(program_id: UUID, code: str, *, at: datetime, who: str = "") -> CouponStory | None:
    """The story of a code, however it was typed; None where there is none. `who` names the asker, to count misses.

    Raises TooManyGuesses.
    """
    if who and not may_guess(program_id, who, at=at):
        raise TooManyGuesses
    program = get_program_rules(program_id)
    # The latest version first: an old code tells its story too.
    for version in reversed(program.versions):
        shared = version.spec.coupons.by_code.get(bare_code(code))
        if shared is not None:
            uses = list_uses(program_id, shared.id, limit=_LATEST).rows
            return CouponStory(campaign=shared.id, code=bare_code(code), code_id=None, handout=None, uses=uses)
    code_id = find_code_ids(program_id, [code]).get(code)
    if code_id is None:
        if who:
            count_miss(program_id, who, at=at)
        return None
    kept = find_codes(program_id, [code_id])[code_id]
    return CouponStory(
        campaign=kept.campaign,
        code=kept.code,
        code_id=code_id,
        handout=find_handout(program_id, code_id),
        uses=list_uses_of_code(program_id, code_id),
    )

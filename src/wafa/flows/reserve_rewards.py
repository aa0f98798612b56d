"""Take what is scarce for a batch of redemptions before they are decided: stock, and codes of pools."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from wafa.core.spec import PartnerVoucher, Reward
from wafa.rewards.pools import PoolCode, hand_out_codes, hold_codes
from wafa.rewards.stock import STOCK


class Reserve:
    """What a batch may give away of each scarce reward. What it does not, goes back with `close`."""

    def __init__(self, program_id: UUID, stock: dict[str, int], codes: dict[str, list[PoolCode]]) -> None:
        self._program_id = program_id
        self._stock = stock
        self._codes = codes
        self._given: dict[UUID, PoolCode] = {}

    def left(self, reward: Reward) -> Mapping[str, int]:
        """What is left of the reward, as `core.qualify` asks for it."""
        left = [self._stock[reward.id]] if reward.stock is not None else []
        if isinstance(reward.gives, PartnerVoucher):
            left.append(len(self._codes[reward.gives.pool]))
        return {reward.id: min(left)} if left else {}

    def give(self, reward: Reward, redemption_id: UUID) -> None:
        """Give one away."""
        if reward.stock is not None:
            self._stock[reward.id] -= 1
        if isinstance(reward.gives, PartnerVoucher):
            self._given[redemption_id] = self._codes[reward.gives.pool].pop(0)

    def close(self) -> None:
        """Write down which codes were given, and put back what is left. Codes that were only held are free again."""
        hand_out_codes(self._program_id, {code.id: redemption_id for redemption_id, code in self._given.items()})
        STOCK.give_back(self._program_id, self._stock)


def reserve_rewards(program_id: UUID, wanted: Sequence[Reward]) -> Reserve:
    """Take up to one for each reward wanted, a reward as often as it is named."""
    counted = Counter(reward.id for reward in wanted)
    stocks = {reward.id: (counted[reward.id], reward.stock) for reward in wanted if reward.stock is not None}
    pools = Counter(_pools(wanted))
    return Reserve(
        program_id,
        STOCK.take(program_id, stocks),
        {pool: hold_codes(program_id, pool, pools[pool]) for pool in sorted(pools)},
    )


def _pools(rewards: Iterable[Reward]) -> Iterable[str]:
    return (reward.gives.pool for reward in rewards if isinstance(reward.gives, PartnerVoucher))

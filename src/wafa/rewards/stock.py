"""The stocks of rewards: how many of each were taken."""

from wafa.kit.shards import Shards

STOCK = Shards("rewards_stock", of="reward")

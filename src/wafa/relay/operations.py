"""Writes to the relay: the inbox and the outbox. The caller has opened the program's transaction."""

from wafa.relay.inbox import (
    CannotReplay,
    FinishedDelivery,
    KeptDelivery,
    NewDelivery,
    end_deliveries,
    keep_deliveries,
    prune_bodies,
    replay_delivery,
    replay_parked_deliveries,
    take_deliveries,
)
from wafa.relay.outbox import (
    NewCommand,
    TakenCommand,
    finish_command,
    forget_in_payload,
    park_command,
    postpone_command,
    put_commands,
    renew_lease,
    replay_command,
    take_commands,
)

__all__ = [
    "CannotReplay",
    "FinishedDelivery",
    "KeptDelivery",
    "NewCommand",
    "NewDelivery",
    "TakenCommand",
    "end_deliveries",
    "finish_command",
    "forget_in_payload",
    "keep_deliveries",
    "park_command",
    "postpone_command",
    "prune_bodies",
    "put_commands",
    "renew_lease",
    "replay_command",
    "replay_delivery",
    "replay_parked_deliveries",
    "take_commands",
    "take_deliveries",
]

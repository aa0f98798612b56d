"""Outgoing webhooks: what happened in a program, told to an address of the merchant."""

from wafa.connectors.channels.webhook.channel import Outcome, Verdict, send

__all__ = ["Outcome", "Verdict", "send"]

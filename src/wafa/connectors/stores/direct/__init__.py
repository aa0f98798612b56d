"""Shops with their own code: our documented, signed JSON."""

from wafa.connectors.stores.direct.connector import Direct, sign

__all__ = ["Direct", "sign"]

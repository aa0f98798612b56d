"""An event loop of a test's own, for what reads from one."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from wafa.kit import transactions

Result = TypeVar("Result")


def run_in_loop(reading: Coroutine[Any, Any, Result]) -> Result:
    """Run it in a new loop, and close the loop's connections before it ends.

    A pool that is just opening one takes no notice when it is told to stop, and the loop would wait for it for ever.
    """

    async def read() -> Result:
        try:
            return await reading
        finally:
            pool = transactions._pools.pop(asyncio.get_running_loop(), None)
            if pool is not None:
                await pool.close()

    return asyncio.run(read())

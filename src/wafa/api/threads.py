"""What asks the database is done beside the event loop, which would serve nobody meanwhile."""

from asyncio import to_thread
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from django.db import close_old_connections

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


async def in_a_thread(work: Callable[Arguments, Result], *args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
    """Call `work` in another thread, and return or raise what it does."""

    def do() -> Result:
        try:
            return work(*args, **kwargs)
        finally:
            close_old_connections()  # gives the connection back to the pool, as Django does after each request

    return await to_thread(do)

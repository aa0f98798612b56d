"""Do a whole transaction again where PostgreSQL asks for it, and tell its faults from those of what is written."""

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from django.db import InterfaceError, OperationalError
from psycopg import errors

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

_TRIES = 5


def retried(transact: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Repeat a function that opens its own transaction when it lost a deadlock or a serialisation race.

    Nothing of a lost try remains, so the next one starts anew. After five tries the error is raised.
    """

    @functools.wraps(transact)
    def trying(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        for _ in range(_TRIES - 1):
            try:
                return transact(*args, **kwargs)
            except OperationalError as error:
                if not isinstance(error.__cause__, errors.DeadlockDetected | errors.SerializationFailure):
                    raise
        return transact(*args, **kwargs)

    return trying


def is_outage(error: BaseException) -> bool:
    """Whether the database failed, and not what was asked of it: the same may well succeed later."""
    if isinstance(error, InterfaceError):
        return True
    # A value too large for an index is called operational too, and stays too large.
    return isinstance(error, OperationalError) and not isinstance(error.__cause__, errors.ProgramLimitExceeded)

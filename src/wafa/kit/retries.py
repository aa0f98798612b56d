"""Do a whole transaction again where PostgreSQL asks for it, and tell its faults from those of what is written."""

import functools
from collections.abc import Callable
from contextvars import ContextVar
from typing import ParamSpec, TypeVar

from django.db import Error, OperationalError
from psycopg import errors

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

_TRIES = 5

# Classes of SQLSTATE (PostgreSQL's manual, appendix A): wrong values, broken constraints, statements that make no
# sense, values beyond a limit. A connection that breaks has another state or, where it breaks mid-answer, none.
_FAULTS_OF_WHAT_IS_ASKED = ("22", "23", "42", "54")


class Again(Exception):
    """What was read before the locks is no longer so: the whole transaction has to begin anew."""


def retried(transact: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Repeat a function that opens its own transaction when it lost a deadlock or a serialisation race, or met Again.

    Nothing of a lost try remains, so the next one starts anew. After five tries the error is raised.
    """

    @functools.wraps(transact)
    def trying(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        for tries_left in reversed(range(_TRIES)):
            token = _is_another_try.set(tries_left < _TRIES - 1)
            try:
                return transact(*args, **kwargs)
            except Again:
                if not tries_left:
                    raise
            except OperationalError as error:
                lost_a_race = isinstance(error.__cause__, errors.DeadlockDetected | errors.SerializationFailure)
                if not tries_left or not lost_a_race:
                    raise
            finally:
                _is_another_try.reset(token)
        raise AssertionError("the last try returns or raises")

    return trying


_is_another_try = ContextVar("is_another_try", default=False)


def is_another_try() -> bool:
    """Whether `retried` has begun anew: who hoped that nobody would come between leaves nothing to hope now."""
    return _is_another_try.get()


def is_outage(error: BaseException) -> bool:
    """Whether the database failed, and not what was asked of it: the same may well succeed later."""
    state: str = getattr(error.__cause__, "sqlstate", None) or ""
    return isinstance(error, Error) and not state.startswith(_FAULTS_OF_WHAT_IS_ASKED)

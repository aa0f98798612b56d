"""What PostgreSQL's planner has to be told, for it goes by statistics that know nothing of what is due at a moment."""

from django.db import connection


def read_in_order() -> None:
    """For the rest of the transaction, have the first rows of an index read one by one, and not all of them sorted.

    Few rows are due at most times, and a million when a year ends. Sorting these for each chunk of them would take as
    many times as long as there are chunks.
    """
    with connection.wrap_database_errors:
        connection.connection.execute("SET LOCAL enable_bitmapscan = off", prepare=False)


def match_all_at_once() -> None:
    """For the rest of the transaction, have two long lists matched by hashing or sorting, and not each with each.

    How many fulfil what a document asks is not in the statistics, which take it to be a few.
    """
    with connection.wrap_database_errors:
        connection.connection.execute("SET LOCAL enable_nestloop = off", prepare=False)


def plan_anew() -> None:
    """Have this connection make its plans again: one that was made while a table was empty may read all of it.

    Statistics would say so too, but only once PostgreSQL has counted the table, up to minutes later.
    """
    with connection.cursor() as cursor:
        cursor.execute("DISCARD PLANS")

"""How often somebody may look up a code that is none: a counter in the database, written at misses alone."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection

from wafa.rewards.models import Guess

MOST_MISSES = 20
WITHIN = timedelta(minutes=10)


def may_guess(program_id: UUID, who: str, *, at: datetime) -> bool:
    """Whether `who` (a key, a member) missed less than twenty times in ten minutes."""
    missed = Guess.objects.filter(program_id=program_id, who=who, misses__gte=MOST_MISSES, began_at__gt=at - WITHIN)
    return not missed.exists()


def count_miss(program_id: UUID, who: str, *, at: datetime) -> None:
    """Count a miss. Ten minutes after the first of them, counting begins anew."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO rewards_guess AS guess (program_id, who, began_at, misses) VALUES (%s, %s, %s, 1) "
            "ON CONFLICT (program_id, who) DO UPDATE SET "
            "misses = CASE WHEN guess.began_at > %s THEN guess.misses + 1 ELSE 1 END, "
            "began_at = CASE WHEN guess.began_at > %s THEN guess.began_at ELSE excluded.began_at END",
            [program_id, who, at, at - WITHIN, at - WITHIN],
        )

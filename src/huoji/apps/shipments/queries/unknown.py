"""Which texts of places in recent events mean no site: the worklist of places asks for them."""

from collections.abc import Sequence

from django.db import connection

from huoji.apps.places.queries import Unknown

DAYS = 31  # of units: the months before were seen to, or will never be


def unknown_texts(limit: int) -> Sequence[Unknown]:
    """Return the most frequent texts of places that no site is known for, of units of the last DAYS days."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT place, count(*), max(occurred_at) FROM event
            WHERE place_id IS NULL AND place <> '' AND unit_id >= huoji_unit_id_at(now() - make_interval(days => %s))
            GROUP BY place ORDER BY 2 DESC, 1 LIMIT %s
            """,
            [DAYS, limit],
        )
        return [Unknown(text=row[0], events=row[1], last_at=row[2]) for row in cursor.fetchall()]

"""Our own waybill numbers: a sequence behind a keyed permutation, so that none repeats and none can be guessed."""

import secrets

from django.conf import settings
from django.db import connection

from huoji.core.numbers import waybill_number


def seed() -> None:
    """Make the installation's key once; another key could repeat an old number."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO waybill_number_key (key) VALUES (%s) ON CONFLICT DO NOTHING", [secrets.token_bytes(32)]
        )


def take_numbers(count: int) -> list[str]:
    """Return so many numbers that were never given before."""
    if not count:
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('waybill_seq') FROM generate_series(1, %s)", [count])
        sequence = [row[0] for row in cursor.fetchall()]
        cursor.execute("SELECT key FROM waybill_number_key")
        key = bytes(cursor.fetchone()[0])
    return [waybill_number(each, key=key, prefix=settings.HUOJI.waybill_prefix) for each in sequence]

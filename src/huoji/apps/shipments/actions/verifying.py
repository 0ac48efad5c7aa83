"""More to see for who knows the last four digits of a party's phone; wrong tries are counted per waybill and per client."""

from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.utils.crypto import constant_time_compare

from huoji.apps.shipments.models import FailedTry, Party
from huoji.apps.shipments.queries.tracking import find
from huoji.core.numbers import half_width, normalise


class Verdict(StrEnum):
    """What came of a try; a number that does not exist is WRONG too."""

    RIGHT = "right"
    WRONG = "wrong"
    LOCKED = "locked"


@transaction.atomic
def verify(number: str, *, digits: str, client: str, now: datetime) -> Verdict:
    """Compare the digits with the phones of the waybill's parties.

    After `last4_tries` wrong tries of a day, for this waybill or by this client, every further one is LOCKED; the plain
    answer stays open.
    """
    told = find([normalise(number)], references=()).get(normalise(number))
    day = now.astimezone(ZoneInfo(settings.HUOJI.time_zone)).date()
    subjects = [f"client:{client}", *([f"unit:{told.unit_id}"] if told else [])]
    # Counted before it is compared, and held until the end: many tries at one moment are as many tries.
    if max(_count(subject, day=day) for subject in sorted(subjects)) > settings.HUOJI.last4_tries:
        return Verdict.LOCKED
    given = half_width(digits).strip()
    known = Party.objects.filter(waybill_id=told.unit_id).values_list("phone_last4", flat=True) if told else ()
    if any([constant_time_compare(given, last4) for last4 in known if last4]):  # noqa: C419  all are compared
        FailedTry.objects.filter(subject__in=subjects, day=day).update(tries=F("tries") - 1)
        return Verdict.RIGHT
    return Verdict.WRONG


def _count(subject: str, *, day: date) -> int:
    """Count a try of this subject; return how many that makes today."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO failed_try (subject, day, tries) VALUES (%s, %s, 1)
            ON CONFLICT (subject, day) DO UPDATE SET tries = least(failed_try.tries + 1, 1000) RETURNING tries
            """,
            [subject, day],
        )
        return int(cursor.fetchone()[0])

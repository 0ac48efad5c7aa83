"""Read where a conveyance was between two moments, from whichever terminals it carried then."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from django.db.models import Q

from huoji.apps.fleet.models import Fitting, Position
from huoji.core import track
from huoji.core.position import UNKNOWN, Point
from huoji.core.track import Track

SPAN_MAX = timedelta(days=7)
POINTS_MAX = 60_000  # a week of a point every ten seconds
_COLUMNS = ("at", "lat", "lon", "speed", "course", "altitude", "alarm", "status", "mileage", "history")


def of_conveyance(conveyance_id: int, *, since: datetime, until: datetime) -> tuple[Track, bool]:
    """Return the track, and whether it was cut at POINTS_MAX. Nothing is drawn where nothing was seen."""
    points: list[Point] = []
    for terminal_id, start, end in _spans(conveyance_id, since=since, until=until):
        rows = Position.objects.filter(terminal_id=terminal_id, at__gte=start, at__lt=end).order_by("at")
        points += _points(rows.values_list(*_COLUMNS)[: POINTS_MAX + 1 - len(points)].iterator(chunk_size=5_000))
        if len(points) > POINTS_MAX:
            return track.build(points[:POINTS_MAX]), True
    return track.build(points), False


def _spans(conveyance_id: int, *, since: datetime, until: datetime) -> Iterator[tuple[int, datetime, datetime]]:
    """Yield the terminals that the conveyance carried within the span, each with the part of it."""
    rows = Fitting.objects.filter(Q(until=None) | Q(until__gt=since), conveyance_id=conveyance_id, since__lt=until)
    for row in rows.order_by("since", "pk"):
        yield row.terminal_id, max(since, row.since), min(until, row.until or until)


def _points(rows: Iterator[tuple[datetime, int, int, int, int | None, int | None, int, int, int | None, bool]]) -> Iterator[Point]:  # fmt: skip
    for at, lat, lon, speed, course, altitude, alarm, status, mileage, history in rows:
        yield Point(
            at=int(at.astimezone(UTC).timestamp()),
            lat_e6=lat,
            lon_e6=lon,
            speed_dkmh=speed,
            course_deg=UNKNOWN if course is None else course,
            altitude_m=altitude or 0,
            alarm=alarm,
            status=status,
            mileage_hm=UNKNOWN if mileage is None else mileage,
            history=history,
        )

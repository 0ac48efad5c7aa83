"""How points reach the tables: rows of a track and of what filters set aside by COPY, last positions by one UPDATE or INSERT."""

import struct
from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec
import psycopg

from huoji.core.position import UNKNOWN, Point
from huoji.kit import binary
from huoji.kit.binary import EPOCH_S, NULL, blob, int2, int4, int8, moment

RAW_BYTES_MAX = 1_200  # of one point; the tables hold no more
COURSES = range(360)

POINT_COLUMNS = "at, recorded_at, terminal_id, digest, alarm, status, lat, lon, speed, history, mileage, altitude, course, nav, extra"
COPY_POINTS = f"COPY position ({POINT_COLUMNS}) FROM STDIN (FORMAT BINARY)"
INSERT_POINTS = f"""
INSERT INTO position ({POINT_COLUMNS})
SELECT at, %s, terminal_id, digest, alarm, status, lat, lon, speed, history = 1, mileage, altitude, course, nav, extra
FROM unnest(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
  AS n (at, terminal_id, digest, alarm, status, lat, lon, speed, history, mileage, altitude, course, nav, extra)
ORDER BY terminal_id, at, digest
ON CONFLICT DO NOTHING RETURNING terminal_id, extract(epoch FROM at)::bigint, digest
"""  # noqa: S608  our own constants
COPY_FILTERED = "COPY position_filtered (recorded_at, at, terminal_id, digest, filter, raw) FROM STDIN (FORMAT BINARY)"
INSERT_FILTERED = """
INSERT INTO position_filtered (recorded_at, at, terminal_id, digest, filter, raw)
SELECT %s, at, terminal_id, digest, filter, raw
FROM unnest(%s, %s, %s, %s, %s) AS n (at, terminal_id, digest, filter, raw) ON CONFLICT DO NOTHING
"""
_POINT = struct.Struct(">h iq iq iq iq iq iq ii ii ii i?").pack
_FILTERED = struct.Struct(">h iq").pack


class PointIn(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One point as a door hands it over: whose it is, what it says, its digest, and the bytes it came in.

    `extra` holds the items that have no column, as sent; `celsius` what the thermometer of the cargo box said with it.
    """

    terminal_id: int
    point: Point
    digest: int
    raw: bytes
    extra: bytes = b""
    nav: int | None = None
    celsius: float | None = None


class Aside(NamedTuple):
    """A point that a filter set aside."""

    item: PointIn
    filter: str


def micros(epoch_us: int) -> int:
    return epoch_us - EPOCH_S * 1_000_000


def _nullable(item: PointIn) -> bytes:
    point = item.point
    return b"".join((
        int8(point.mileage_hm) if point.mileage_hm >= 0 else NULL,
        int4(point.altitude_m),
        int2(point.course_deg) if point.course_deg in COURSES else NULL,
        NULL if item.nav is None else int2(item.nav),
        blob(item.extra[:RAW_BYTES_MAX]) if item.extra else NULL,
    ))  # fmt: skip


def copy_points(items: Sequence[PointIn], *, recorded_us: int) -> None:
    """Append points that are certainly new."""
    if not items:
        return
    recorded = micros(recorded_us)
    parts = [binary.COPY_START]
    for item in items:
        point = item.point
        parts.append(_POINT(
            15, 8, (point.at - EPOCH_S) * 1_000_000, 8, recorded, 8, item.terminal_id, 8, item.digest, 8, point.alarm,
            8, point.status, 4, point.lat_e6, 4, point.lon_e6, 4, max(0, point.speed_dkmh),
            1, point.history,
        ))  # fmt: skip
        parts.append(_nullable(item))
    parts.append(binary.COPY_END)
    with binary.cursor() as cursor, cursor.copy(COPY_POINTS) as copy:
        copy.write(b"".join(parts))


def insert_points(items: Sequence[PointIn], *, recorded_us: int) -> set[tuple[int, int, int]]:
    """Add points that may be there already; return the keys (terminal, time, digest) of those that were not."""
    if not items:
        return set()
    count = len(items)
    points = [item.point for item in items]

    def ints(kind: type[binary.Array], values: Any) -> binary.Array:
        return binary.array(kind, values, count=count)

    with binary.cursor() as cursor:
        cursor.execute(INSERT_POINTS, [
            binary.Moment(int8(micros(recorded_us))[4:]),
            ints(binary.Moments, (moment(point.at) for point in points)),
            ints(binary.Int8s, (int8(item.terminal_id) for item in items)),
            ints(binary.Int8s, (int8(item.digest) for item in items)),
            ints(binary.Int8s, (int8(point.alarm) for point in points)),
            ints(binary.Int8s, (int8(point.status) for point in points)),
            ints(binary.Int4s, (int4(point.lat_e6) for point in points)),
            ints(binary.Int4s, (int4(point.lon_e6) for point in points)),
            ints(binary.Int4s, (int4(max(0, point.speed_dkmh)) for point in points)),
            ints(binary.Int2s, (int2(point.history) for point in points)),
            ints(binary.Int8s, (int8(point.mileage_hm) if point.mileage_hm >= 0 else NULL for point in points)),
            ints(binary.Int4s, (int4(point.altitude_m) for point in points)),
            ints(binary.Int2s, (int2(point.course_deg) if point.course_deg in COURSES else NULL for point in points)),
            ints(binary.Int2s, (NULL if item.nav is None else int2(item.nav) for item in items)),
            ints(binary.Blobs, (blob(item.extra[:RAW_BYTES_MAX]) if item.extra else NULL for item in items)),
        ], prepare=True)  # fmt: skip
        return set(cursor.fetchall())


def keep_aside(aside: Sequence[Aside], *, recorded_us: int, careful: bool) -> None:
    """Keep what filters set aside, as it came; the same bytes twice in a batch are kept once."""
    kept = {(each.item.terminal_id, each.item.digest): each for each in aside}
    if not kept:
        return
    recorded = micros(recorded_us)
    with binary.cursor() as cursor:
        if careful:
            _insert_aside(cursor, list(kept.values()), recorded)
            return
        parts = [binary.COPY_START]
        for item, name in kept.values():
            parts += (
                _FILTERED(6, 8, recorded), _time_of(item.point), int8(item.terminal_id), int8(item.digest),
                binary.text(name), blob(item.raw[:RAW_BYTES_MAX]),
            )  # fmt: skip
        parts.append(binary.COPY_END)
        with cursor.copy(COPY_FILTERED) as copy:
            copy.write(b"".join(parts))


def _insert_aside(cursor: "psycopg.Cursor[Any]", aside: Sequence[Aside], recorded: int) -> None:
    count = len(aside)
    cursor.execute(INSERT_FILTERED, [
        binary.Moment(int8(recorded)[4:]),
        binary.array(binary.Moments, (_time_of(each.item.point) for each in aside), count=count),
        binary.array(binary.Int8s, (int8(each.item.terminal_id) for each in aside), count=count),
        binary.array(binary.Int8s, (int8(each.item.digest) for each in aside), count=count),
        binary.array(binary.Texts, (binary.text(each.filter) for each in aside), count=count),
        binary.array(binary.Blobs, (blob(each.item.raw[:RAW_BYTES_MAX]) for each in aside), count=count),
    ])  # fmt: skip


def _time_of(point: Point) -> bytes:
    """Return the time a point claims; none (0) stays unknown."""
    return moment(point.at) if point.at > 0 else NULL


class Place(NamedTuple):
    """The row of a terminal's last position as it shall be."""

    terminal_id: int
    conveyance_id: int | None
    item: PointIn
    moving_since: int
    stopped_since: int
    site_id: int | None
    memory: bytes
    dataset: str


PLACE_TYPES: tuple[tuple[str, type[binary.Array]], ...] = (
    ("terminal_id", binary.Int8s), ("conveyance_id", binary.Int8s), ("at", binary.Moments), ("lat", binary.Int4s),
    ("lon", binary.Int4s), ("speed", binary.Int4s), ("course", binary.Int2s), ("altitude", binary.Int4s),
    ("alarm", binary.Int8s), ("status", binary.Int8s), ("mileage", binary.Int8s), ("nav", binary.Int2s),
    ("moving_since", binary.Moments), ("stopped_since", binary.Moments), ("site_id", binary.Int8s),
    ("memory", binary.Blobs), ("dataset", binary.Texts),
)  # fmt: skip
_NAMES = [name for name, _ in PLACE_TYPES]
_FROM = f"FROM unnest({', '.join(['%s'] * len(_NAMES))}) AS n ({', '.join(_NAMES)})"
_SET = ", ".join(f"{name} = n.{name}" for name in _NAMES if name not in {"terminal_id", "dataset"})
UPDATE_PLACES = f"UPDATE last_position l SET recorded_at = %s, {_SET} {_FROM} WHERE l.terminal_id = n.terminal_id"  # noqa: S608
INSERT_PLACES = f"INSERT INTO last_position (recorded_at, {', '.join(_NAMES)}) SELECT %s, n.* {_FROM}"
UPDATE_MEMORY = """
UPDATE last_position l SET memory = n.memory FROM unnest(%s, %s) AS n (terminal_id, memory)
WHERE l.terminal_id = n.terminal_id
"""


def put_places(places: Sequence[Place], *, recorded_us: int, are_new: bool) -> None:
    """Rewrite the last positions of locked terminals, or write the first ones."""
    if not places:
        return
    columns = zip(*map(_place, places), strict=True)
    arrays = [
        binary.array(kind, column, count=len(places)) for (_, kind), column in zip(PLACE_TYPES, columns, strict=True)
    ]
    with binary.cursor() as cursor:
        when = binary.Moment(int8(micros(recorded_us))[4:])
        cursor.execute(INSERT_PLACES if are_new else UPDATE_PLACES, [when, *arrays], prepare=True)


def _place(place: Place) -> tuple[bytes, ...]:
    item = place.item
    point = item.point
    return (
        int8(place.terminal_id), int8(place.conveyance_id), moment(point.at), int4(point.lat_e6), int4(point.lon_e6),
        int4(max(UNKNOWN, point.speed_dkmh)), int2(point.course_deg) if point.course_deg in COURSES else NULL,
        int4(point.altitude_m), int8(point.alarm), int8(point.status),
        int8(point.mileage_hm) if point.mileage_hm >= 0 else NULL, int2(item.nav),
        moment(place.moving_since or None), moment(place.stopped_since or None), int8(place.site_id), blob(place.memory),
        binary.text(place.dataset),
    )  # fmt: skip


def put_memories(memories: Sequence[tuple[int, bytes]]) -> None:
    """Rewrite what is remembered of locked terminals that did not move."""
    if not memories:
        return
    count = len(memories)
    with binary.cursor() as cursor:
        ids = binary.array(binary.Int8s, (int8(terminal_id) for terminal_id, _ in memories), count=count)
        packed = binary.array(binary.Blobs, (blob(memory) for _, memory in memories), count=count)
        cursor.execute(UPDATE_MEMORY, [ids, packed], prepare=True)

"""Areas and routes that a terminal watches by itself: circles, rectangles, polygons, routes; set and deleted."""

import struct
from dataclasses import dataclass
from typing import ClassVar, Self

from huoji.wire.jt808.faults import Code, MessageError
from huoji.wire.jt808.fields import BYTE_MAX, TIME_BYTES, Reader, write_bcd, write_text
from huoji.wire.jt808.header import Version

REPLACE, ADD, CHANGE = 0, 1, 2  # what becomes of the areas that are there
TIMED, LIMITED = 0x1, 0x2  # bits that say which fields follow
ENTER_DRIVER, ENTER_PLATFORM, LEAVE_DRIVER, LEAVE_PLATFORM = 0x4, 0x8, 0x10, 0x20
SOUTH, WEST = 0x40, 0x80
SEGMENT_SOUTH, SEGMENT_WEST = 0x4, 0x8
MAX_AREAS = 125  # in one message
MAX_POINTS = 4_096

Point = tuple[int, int]  # latitude and longitude in micro-degrees, south and west negative


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """When an area counts: YYMMDDhhmmss in GMT+8; YYMMDD of zeros means every day."""

    start: str
    end: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """How fast one may be, and for how long faster. Since 2019 the night has a limit of its own."""

    speed_kmh: int
    seconds: int
    night_kmh: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Area:
    area_id: int
    alarms: int  # ENTER_… and LEAVE_… bits
    times: Times | None = None
    limit: Limit | None = None
    name: str = ""  # told since 2019


@dataclass(frozen=True, slots=True, kw_only=True)
class Circle(_Area):
    centre: Point
    radius_m: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rectangle(_Area):
    north_west: Point
    south_east: Point


def _properties(area: _Area, *points: Point) -> int:
    word = area.alarms & ~(TIMED | LIMITED | SOUTH | WEST)
    word |= (TIMED if area.times else 0) | (LIMITED if area.limit else 0)
    latitude, longitude = points[0] if points else (0, 0)
    return word | (SOUTH if latitude < 0 else 0) | (WEST if longitude < 0 else 0)


def _write_point(point: Point) -> bytes:
    return struct.pack(">II", abs(point[0]), abs(point[1]))


def _read_point(reader: Reader, properties: int, *, south: int = SOUTH, west: int = WEST) -> Point:
    latitude, longitude = reader.dword(), reader.dword()
    return (-latitude if properties & south else latitude), (-longitude if properties & west else longitude)


def _write_times(times: Times | None) -> bytes:
    if times is None:
        return b""
    return b"".join(write_bcd(each, size=TIME_BYTES, what="times") for each in (times.start, times.end))


def _read_times(reader: Reader, properties: int) -> Times | None:
    if not properties & TIMED:
        return None
    return Times(start=reader.take(TIME_BYTES).hex(), end=reader.take(TIME_BYTES).hex())


def _write_name(name: str, version: Version) -> bytes:
    if version is not Version.V2019:
        return b""
    data = write_text(name)
    return struct.pack(">H", len(data)) + data


def _read_name(reader: Reader, version: Version) -> str:
    """Read the name that 2019 added, where it is there."""
    return reader.text(reader.word()) if version is Version.V2019 and reader.left else ""


def _write_limit(limit: Limit | None, version: Version, *, with_night: bool) -> bytes:
    if limit is None:
        return b""
    night = struct.pack(">H", limit.night_kmh) if with_night and version is Version.V2019 else b""
    return struct.pack(">HB", limit.speed_kmh, limit.seconds) + night


def _read_limit(reader: Reader, properties: int, version: Version) -> Limit | None:
    if not properties & LIMITED:
        return None
    speed, seconds = reader.word(), reader.byte()
    return Limit(speed_kmh=speed, seconds=seconds, night_kmh=reader.word() if version is Version.V2019 else 0)


def _start(action: int, count: int) -> bytes:
    if count > MAX_AREAS:
        raise MessageError(Code.UNWRITABLE, f"{count} areas are more than {MAX_AREAS}", where="areas")
    return bytes([action, count])


@dataclass(frozen=True, slots=True, kw_only=True)
class SetCircles:
    """0x8600."""

    ID: ClassVar[int] = 0x8600
    action: int
    areas: tuple[Circle, ...]

    @classmethod
    def read(cls, body: bytes, version: Version) -> Self:
        reader = Reader(body)
        action, count = reader.byte(), reader.byte()
        return cls(action=action, areas=tuple(_read_circle(reader, version) for _ in range(count)))

    def write(self, version: Version) -> bytes:
        return _start(self.action, len(self.areas)) + b"".join(
            struct.pack(">IH", each.area_id, _properties(each, each.centre))
            + _write_point(each.centre)
            + struct.pack(">I", each.radius_m)
            + _write_end(each, version)
            for each in self.areas
        )


def _read_circle(reader: Reader, version: Version) -> Circle:
    area_id, properties = reader.dword(), reader.word()
    return Circle(
        area_id=area_id,
        alarms=properties & ~(TIMED | LIMITED | SOUTH | WEST),
        centre=_read_point(reader, properties),
        radius_m=reader.dword(),
        times=_read_times(reader, properties),
        limit=_read_limit(reader, properties, version),
        name=_read_name(reader, version),
    )


def _write_end(area: _Area, version: Version) -> bytes:
    return (
        _write_times(area.times) + _write_limit(area.limit, version, with_night=True) + _write_name(area.name, version)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SetRectangles:
    """0x8602."""

    ID: ClassVar[int] = 0x8602
    action: int
    areas: tuple[Rectangle, ...]

    @classmethod
    def read(cls, body: bytes, version: Version) -> Self:
        reader = Reader(body)
        action, count = reader.byte(), reader.byte()
        return cls(action=action, areas=tuple(_read_rectangle(reader, version) for _ in range(count)))

    def write(self, version: Version) -> bytes:
        return _start(self.action, len(self.areas)) + b"".join(
            struct.pack(">IH", each.area_id, _properties(each, each.north_west))
            + _write_point(each.north_west)
            + _write_point(each.south_east)
            + _write_end(each, version)
            for each in self.areas
        )


def _read_rectangle(reader: Reader, version: Version) -> Rectangle:
    area_id, properties = reader.dword(), reader.word()
    return Rectangle(
        area_id=area_id,
        alarms=properties & ~(TIMED | LIMITED | SOUTH | WEST),
        north_west=_read_point(reader, properties),
        south_east=_read_point(reader, properties),
        times=_read_times(reader, properties),
        limit=_read_limit(reader, properties, version),
        name=_read_name(reader, version),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPolygon(_Area):
    """0x8604: one polygon."""

    ID: ClassVar[int] = 0x8604
    points: tuple[Point, ...]

    @classmethod
    def read(cls, body: bytes, version: Version) -> Self:
        reader = Reader(body)
        area_id, properties = reader.dword(), reader.word()
        times = _read_times(reader, properties)
        speed, seconds = (reader.word(), reader.byte()) if properties & LIMITED else (0, 0)
        points = tuple(_read_point(reader, properties) for _ in range(_counted(reader)))
        night = reader.word() if properties & LIMITED and version is Version.V2019 and reader.left else 0
        return cls(
            area_id=area_id,
            alarms=properties & ~(TIMED | LIMITED | SOUTH | WEST),
            times=times,
            limit=Limit(speed_kmh=speed, seconds=seconds, night_kmh=night) if properties & LIMITED else None,
            points=points,
            name=_read_name(reader, version),
        )

    def write(self, version: Version) -> bytes:
        """Write the corners; the limit of the night comes behind them, unlike in other areas."""
        night = struct.pack(">H", self.limit.night_kmh) if self.limit and version is Version.V2019 else b""
        return (
            struct.pack(">IH", self.area_id, _properties(self, *self.points))
            + _write_times(self.times)
            + _write_limit(self.limit, version, with_night=False)
            + struct.pack(">H", len(self.points))
            + b"".join(_write_point(each) for each in self.points)
            + night
            + _write_name(self.name, version)
        )


def _counted(reader: Reader) -> int:
    count = reader.word()
    if count > MAX_POINTS:
        raise MessageError(Code.VALUE, f"{count} points are more than {MAX_POINTS}", where="points")
    return count


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A point of a route and the segment that begins there."""

    point_id: int
    segment_id: int
    point: Point
    width_m: int
    longest_s: int | None = None  # both or none
    shortest_s: int | None = None
    limit: Limit | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetRoute:
    """0x8606."""

    ID: ClassVar[int] = 0x8606
    route_id: int
    alarms: int
    turns: tuple[Turn, ...]
    times: Times | None = None
    name: str = ""

    @classmethod
    def read(cls, body: bytes, version: Version) -> Self:
        reader = Reader(body)
        route_id, properties = reader.dword(), reader.word()
        times = _read_times(reader, properties)
        turns = tuple(_read_turn(reader, version) for _ in range(_counted(reader)))
        return cls(
            route_id=route_id, alarms=properties & ~TIMED, times=times, turns=turns, name=_read_name(reader, version)
        )

    def write(self, version: Version) -> bytes:
        properties = self.alarms & ~TIMED | (TIMED if self.times else 0)
        return (
            struct.pack(">IH", self.route_id, properties)
            + _write_times(self.times)
            + struct.pack(">H", len(self.turns))
            + b"".join(_write_turn(each, version) for each in self.turns)
            + _write_name(self.name, version)
        )


def _read_turn(reader: Reader, version: Version) -> Turn:
    point_id, segment_id = reader.dword(), reader.dword()
    latitude, longitude = reader.dword(), reader.dword()
    width, properties = reader.byte(), reader.byte()
    return Turn(
        point_id=point_id,
        segment_id=segment_id,
        point=(
            -latitude if properties & SEGMENT_SOUTH else latitude,
            -longitude if properties & SEGMENT_WEST else longitude,
        ),
        width_m=width,
        longest_s=reader.word() if properties & TIMED else None,
        shortest_s=reader.word() if properties & TIMED else None,
        limit=_read_limit(reader, properties, version),
    )


def _write_turn(turn: Turn, version: Version) -> bytes:
    properties = (LIMITED if turn.limit else 0) | (0 if turn.longest_s is None else TIMED)
    properties |= (SEGMENT_SOUTH if turn.point[0] < 0 else 0) | (SEGMENT_WEST if turn.point[1] < 0 else 0)
    times = b"" if turn.longest_s is None else struct.pack(">HH", turn.longest_s, turn.shortest_s or 0)
    return (
        struct.pack(">II", turn.point_id, turn.segment_id)
        + _write_point(turn.point)
        + bytes([turn.width_m, properties])
        + times
        + _write_limit(turn.limit, version, with_night=True)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Delete:
    ID: ClassVar[int]
    ids: tuple[int, ...] = ()  # none: all of them

    @classmethod
    def read(cls, body: bytes, _version: Version) -> Self:
        reader = Reader(body)
        return cls(ids=tuple(reader.dword() for _ in range(reader.byte())))

    def write(self, _version: Version) -> bytes:
        if len(self.ids) > BYTE_MAX:
            raise MessageError(Code.UNWRITABLE, f"{len(self.ids)} areas do not fit into one message", where="ids")
        return bytes([len(self.ids)]) + struct.pack(f">{len(self.ids)}I", *self.ids)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteCircles(_Delete):
    """0x8601."""

    ID: ClassVar[int] = 0x8601


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteRectangles(_Delete):
    """0x8603."""

    ID: ClassVar[int] = 0x8603


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletePolygons(_Delete):
    """0x8605."""

    ID: ClassVar[int] = 0x8605


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteRoutes(_Delete):
    """0x8607."""

    ID: ClassVar[int] = 0x8607

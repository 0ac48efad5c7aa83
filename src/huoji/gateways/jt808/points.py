"""A position as the codec read it becomes a point as it is stored."""

from huoji.apps.fleet.actions.storing import PointIn
from huoji.core.datum import Datum, Shown, keep
from huoji.core.geo import from_e6, to_e6
from huoji.core.position import UNKNOWN, Point
from huoji.wire import jt808

POSITIONED = 1 << jt808.Status.POSITIONED
SHIFTED = 1 << jt808.Status.ENCRYPTED  # by the plug-in that mainland maps want: GCJ-02 instead of WGS-84
MILEAGE = b"\x01\x04"
MILEAGE_BYTES = 6
TEMPERATURE = b"\x06\x02"
NORTH = 360
SIGN, WORD = 0x8000, 0x1_0000


def point_in(position: jt808.Position, *, terminal_id: int, history: bool) -> PointIn:
    """Return the point; what the receiver did not know or could not mean is marked so, and left to the filters."""
    items = position.items
    mileage, celsius = UNKNOWN, None
    if items.startswith(MILEAGE) and len(items) >= MILEAGE_BYTES:  # nearly always the first
        mileage, items = int.from_bytes(items[2:MILEAGE_BYTES]), items[MILEAGE_BYTES:]
    if TEMPERATURE in items:
        celsius = jt808.read_items(items).temperature
    latitude, longitude = position.latitude, position.longitude
    if position.status & SHIFTED:
        latitude, longitude = _unshifted(latitude, longitude)
    direction = position.direction % NORTH if position.direction <= NORTH else UNKNOWN
    altitude = position.altitude - WORD if position.altitude & SIGN else position.altitude
    point = Point(
        at=position.time or 0,
        lat_e6=latitude,
        lon_e6=longitude,
        speed_dkmh=position.speed,
        course_deg=direction,
        altitude_m=altitude,
        alarm=position.alarm,
        status=position.status,
        mileage_hm=mileage,
        history=history,
        fixed=bool(position.status & POSITIONED),
    )
    return PointIn(
        terminal_id=terminal_id, point=point, digest=position.digest, raw=position.raw, extra=items,
        celsius=None if celsius is None else float(celsius),
    )  # fmt: skip


def _unshifted(lat_e6: int, lon_e6: int) -> tuple[int, int]:
    lat, lon = keep(Shown(lat=from_e6(lat_e6), lon=from_e6(lon_e6), datum=Datum.GCJ02))
    return to_e6(lat), to_e6(lon)

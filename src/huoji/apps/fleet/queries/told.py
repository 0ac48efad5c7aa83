"""What a terminal told with its last position besides the position: standard items by name, a maker's by its dialect, others as bytes."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from huoji.apps.fleet.models import LastPosition, Position
from huoji.apps.fleet.queries import dialects
from huoji.wire.jt808 import Items, VendorItem, read_items

HEX_CHARS = 64  # of an item nobody can read

# name of the item: its word, how many of its units make one of those shown, the unit
SCALED = {
    "fuel": (_("油量"), 10, "L"),
    "recorder_speed": (_("行驶记录仪速度"), 10, "km/h"),
    "temperature": (_("车厢温度"), 1, "°C"),
    "network": (_("信号强度"), 1, ""),
    "satellites": (_("定位卫星数"), 1, ""),
    "alarm_event": (_("待人工确认的报警"), 1, ""),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Lines of name and value, and when they were told."""

    at: datetime
    rows: list[tuple[str, str]]


def last(terminal_id: int, *, dialect: str) -> Told | None:
    """Return what came with the newest position; None when nothing did."""
    place = LastPosition.objects.filter(terminal_id=terminal_id).first()
    if place is None:
        return None
    newest = Position.objects.filter(terminal_id=terminal_id, at=place.at).first()
    if newest is None or not newest.extra:
        return None
    found = dialects.named(dialect)
    items = read_items(bytes(newest.extra), dialects=[found] if found else [])
    return Told(at=place.at, rows=list(_rows(items)))


def _rows(items: Items) -> Iterator[tuple[str, str]]:
    for name, (word, units, unit) in SCALED.items():
        value = getattr(items, name)
        if value is not None:
            yield gettext(word), f"{value / units if units > 1 else value} {unit}".strip()
    for vendor in items.vendor:
        yield from _of_vendor(vendor)
    for item_id, data in items.unknown:
        yield f"0x{item_id:02X}", data.hex()[:HEX_CHARS] or "—"


def _of_vendor(item: VendorItem) -> Iterator[tuple[str, str]]:
    for name, value in item.values.items():
        listed = value if isinstance(value, list) else [{"": value}]
        rows = (", ".join(f"{key} {each}".strip() for key, each in row.items()) for row in listed)
        yield f"{item.name}.{name}", "; ".join(rows)

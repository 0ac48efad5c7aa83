"""Read the cargo aboard a trip or a voyage now, through bags and containers, and which of them carries a shipment."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from huoji.apps.fleet.queries import plans
from huoji.apps.shipments.models import Unit
from huoji.apps.shipments.queries.scope import waybills_visible_to
from huoji.core.custody import DEPTH_MAX, FOREVER
from huoji.core.milestone import Line, Status
from huoji.core.permission import Actor

WAYBILLS_MAX = 5_000  # counted; a ship may carry more, of which we say so
SHOWN_MAX = 50

# A piece stands for its waybill.
ABOARD_SQL = """
WITH RECURSIVE inside (unit_id, depth) AS (
  SELECT c.unit_id, 1 FROM custody c WHERE c.holder_id = %(unit)s AND c.until = %(forever)s
  UNION
  SELECT c.unit_id, i.depth + 1 FROM inside i JOIN custody c ON c.holder_id = i.unit_id AND c.until = %(forever)s
  WHERE i.depth < %(depth)s
)
SELECT DISTINCT coalesce(u.parent_id, u.id) FROM inside i JOIN unit u ON u.id = i.unit_id
WHERE u.kind IN ('waybill', 'piece') AND u.voided_at IS NULL LIMIT %(most)s
"""
CARRIERS_SQL = """
WITH RECURSIVE holders (unit_id, depth) AS (
  SELECT u.id, 0 FROM unit u WHERE u.id = %(unit)s OR (u.parent_id = %(unit)s AND u.kind = 'piece')
  UNION
  SELECT c.holder_id, h.depth + 1 FROM holders h JOIN custody c ON c.unit_id = h.unit_id AND c.until = %(forever)s
  WHERE h.depth < %(depth)s
)
SELECT unit_id FROM holders
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class AboardRow:
    """A shipment that is aboard now."""

    number: str
    status: Status
    line: Line
    stalled_since: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Aboard:
    """How many shipments are aboard, and the first of those that the reader may see."""

    count: int
    is_more: bool
    visible: int
    rows: list[AboardRow]


def aboard(actor: Actor, unit_id: int) -> Aboard:
    """Return what is aboard a trip or a voyage now; what is not the actor's to see is counted and not named."""
    with connection.cursor() as cursor:
        cursor.execute(ABOARD_SQL, {"unit": unit_id, "forever": FOREVER, "depth": DEPTH_MAX, "most": WAYBILLS_MAX + 1})
        ids = [row[0] for row in cursor.fetchall()]
    states = waybills_visible_to(actor).filter(unit_id__in=ids)
    shown = list(states.order_by("-unit_id")[:SHOWN_MAX])
    numbers = dict(Unit.objects.filter(pk__in=[row.unit_id for row in shown]).values_list("pk", "number"))
    return Aboard(
        count=min(len(ids), WAYBILLS_MAX),
        is_more=len(ids) > WAYBILLS_MAX,
        visible=states.count(),
        rows=[
            AboardRow(
                number=numbers[row.unit_id],
                status=Status(row.status),
                line=Line(row.line),
                stalled_since=row.stalled_since,
            )
            for row in shown
            if row.unit_id in numbers
        ],
    )


def carrier_of(unit_id: int) -> int | None:
    """Return the conveyance on whose run under way a unit is now; a trip or voyage is its own."""
    with connection.cursor() as cursor:
        cursor.execute(CARRIERS_SQL, {"unit": unit_id, "forever": FOREVER, "depth": DEPTH_MAX})
        holders: Collection[int] = [row[0] for row in cursor.fetchall()]
    return plans.conveyance_on(holders)

"""Curves of what sensors measured, drawn on the server: they need no script, print, and cost a few kilobytes."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from huoji.apps.shipments.forms.watches import METRIC_WORDS
from huoji.apps.shipments.queries import watches
from huoji.apps.shipments.queries.watches import WatchRow
from huoji.apps.shipments.views.frame import now
from huoji.core import chart
from huoji.core.chart import Box, Chart
from huoji.kit.http import Request

BOX = Box(left=64, top=12, width=640, height=190)
DAY_S = 86_400
DAYS_SHOWN_AS_DATES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A watch with its curve as it is drawn."""

    row: WatchRow
    title: str
    chart: Chart | None
    times: list[tuple[str, float]]
    bottom: float = BOX.top + BOX.height
    right: float = BOX.left + BOX.width

    @property
    def band_top(self) -> float:
        """Where what is allowed begins: at the upper limit, or at the top of the picture."""
        return self.chart.high_y if self.chart and self.chart.high_y is not None else BOX.top

    @property
    def band_height(self) -> float:
        """How high what is allowed is drawn."""
        low = self.chart.low_y if self.chart and self.chart.low_y is not None else self.bottom
        return max(0.0, low - self.band_top)


def pictures(request: Request, unit_id: int) -> list[Picture]:
    """Return the curves that a unit's page shows."""
    return [picture(row) for row in watches.of_unit(request.actor, unit_id, now=now())]


def picture(row: WatchRow) -> Picture:
    zone = timezone.get_current_timezone()
    offset = datetime.now(zone).utcoffset()
    samples = watches.series(row, now=now())
    drawn = chart.draw(
        samples, box=BOX, gap_s=row.limit.gap_s, low=row.limit.low, high=row.limit.high,
        offset_s=int(offset.total_seconds()) if offset else 0,
    )  # fmt: skip
    shape = "%m-%d" if samples and samples[-1].at - samples[0].at > DAYS_SHOWN_AS_DATES * DAY_S else "%m-%d %H:%M"
    times = [(datetime.fromtimestamp(at, zone).strftime(shape), x) for at, x in drawn.times] if drawn else []
    return Picture(row=row, title=str(METRIC_WORDS[row.metric]), chart=drawn, times=times)

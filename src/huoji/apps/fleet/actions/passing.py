"""Note that runs have left their first stop behind of which no fence and no scan told."""

from collections.abc import Collection

from django.db import transaction

from huoji.apps.fleet.models import RunStop
from huoji.apps.fleet.queries import forecasts
from huoji.apps.places import queries as places
from huoji.core.fleet import RunState
from huoji.core.geo import MICRO
from huoji.core.run import begun
from huoji.kit import outbox

CHANGED = "run.changed"


@transaction.atomic
def note(run_ids: Collection[int]) -> None:
    """Look at those of the runs that never were at their first stop; most were."""
    rows = RunStop.objects.select_for_update(of=("self",)).select_related("run").filter(
        run_id__in=run_ids, seq=1, arrived_at=None, departed_at=None, passed=False, run__state=RunState.UNDER_WAY.value
    )  # fmt: skip
    firsts = {row.run_id: row for row in rows}
    if not firsts:
        return
    atlas, seconds = (
        places.places(),
        dict(RunStop.objects.filter(run_id__in=firsts, seq=2).values_list("run_id", "site_id")),
    )
    for run_id, (lat_e6, lon_e6) in forecasts.seen_at(firsts).items():
        stop = firsts[run_id]
        path = forecasts.path_of(stop.run)
        start, end = forecasts.along_path(path, [atlas.get(stop.site_id), atlas.get(seconds.get(run_id, 0))])
        if path is None or start is None or end is None or end <= start:
            continue
        on = path.locate((lat_e6 / MICRO, lon_e6 / MICRO), between_m=(start, end))
        if on.off_m > stop.run.corridor_m:
            continue  # off its way it may be going anywhere
        stop.nearest_m, stop.passed = begun(stop.nearest_m, on.along_m - start)
        stop.save(update_fields=["nearest_m", "passed"])
        if stop.passed:
            outbox.publish(CHANGED, [run_id])

"""What terminals move over: the fences of all sites, and the planned paths of runs under way, kept in the memory of the process."""

from functools import lru_cache

from huoji.apps.fleet.models import Run
from huoji.core.geo import Path, from_e6

PATHS_MAX = 20_000


@lru_cache(maxsize=PATHS_MAX)
def path_of(run_id: int, version: int) -> Path | None:
    """Return the planned path of a run, or None when it has none; `version` changes with every change of its row."""
    del version
    points = Run.objects.filter(pk=run_id).values_list("path", flat=True).first()
    return Path((from_e6(lat), from_e6(lon)) for lat, lon in points) if points else None

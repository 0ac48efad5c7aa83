"""The planned paths of runs under way, prepared for questions and kept in the memory of the process."""

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from threading import Lock
from typing import NamedTuple

from huoji.apps.fleet.models import Run
from huoji.core.geo import Path, from_e6

POINTS_MAX = 500_000  # of all paths together, about 250 MB: 5,000 runs of 100 points each
IDLE_S = 3_600.0  # a run nobody asked for during so long is over
Places = Iterable[tuple[int, int]]


class _Kept(NamedTuple):
    version: int
    path: Path | None
    asked_s: float


class Paths:
    """One path of each run; the one that was asked for longest ago goes first.

    A run's row changes with every forecast, its path hardly ever: a new version replaces the old one, and where the points
    are the same the path that was made of them stays.
    """

    def __init__(self, *, points_max: int = POINTS_MAX, clock: Callable[[], float] = time.monotonic) -> None:
        self._points_max, self._clock = points_max, clock
        self._kept: OrderedDict[int, _Kept] = OrderedDict()
        self._lock = Lock()
        self.points = 0  # that are kept

    def __len__(self) -> int:
        return len(self._kept)

    def of(self, run_id: int, version: int, read: Callable[[], Places]) -> Path | None:
        """Return the path of a run, or None when it has none; `read` is called for a version that was not met before."""
        with self._lock:
            kept = self._kept.get(run_id)
            if kept is not None and kept.version == version:
                return self._keep(run_id, kept).path
        places = tuple((from_e6(lat), from_e6(lon)) for lat, lon in read())
        path = kept.path if kept is not None else None
        if places != (path.points if path is not None else ()):
            path = Path(places) if places else None
        with self._lock:
            return self._keep(run_id, _Kept(version, path, 0)).path

    def _keep(self, run_id: int, kept: _Kept) -> _Kept:
        now_s = self._clock()
        self.points += _weight(kept) - _weight(self._kept.get(run_id))
        self._kept[run_id] = kept._replace(asked_s=now_s)
        self._kept.move_to_end(run_id)
        while len(self._kept) > 1 and (self.points > self._points_max or self._oldest.asked_s < now_s - IDLE_S):
            self.points -= _weight(self._kept.popitem(last=False)[1])
        return kept

    @property
    def _oldest(self) -> _Kept:
        return next(iter(self._kept.values()))


def _weight(kept: _Kept | None) -> int:
    if kept is None:
        return 0
    return 1 if kept.path is None else len(kept.path.points)


PATHS = Paths()


def path_of(run_id: int, version: int) -> Path | None:
    """Return the planned path of a run, or None when it has none; `version` changes with every change of its row."""
    return PATHS.of(run_id, version, lambda: Run.objects.filter(pk=run_id).values_list("path", flat=True).first() or ())

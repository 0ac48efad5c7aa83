"""Planned paths in memory: one of each run, as it stands now, and only of those that are under way."""

from datetime import UTC, datetime

import pytest
from django.db import transaction

from huoji.apps.fleet.actions.storing import PointIn, store
from huoji.apps.fleet.models import Alarm, Conveyance, Run, Terminal
from huoji.apps.fleet.queries import grounds
from huoji.apps.fleet.queries.grounds import IDLE_S, Paths
from huoji.core.position import Point

NOW = datetime.now(UTC).replace(microsecond=0)
LAT, LON = 31_230_400, 121_473_700


class Clock:
    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def way(length: int, *, north: int = 0) -> list[tuple[int, int]]:
    return [(LAT + north, LON + 10_000 * number) for number in range(length)]


def test_a_new_version_of_a_run_takes_the_place_of_the_old_one():
    paths = Paths()
    first = paths.of(1, 1, lambda: way(10))
    assert paths.of(1, 1, lambda: pytest.fail("read again")) is first
    assert paths.of(1, 2, lambda: way(10)) is first
    assert paths.of(1, 3, lambda: way(20, north=5)).points[0][0] == (LAT + 5) / 1e6
    assert paths.of(1, 4, lambda: ()) is None
    assert (len(paths), paths.points) == (1, 1)


def test_the_points_of_all_paths_together_have_a_limit_and_the_run_nobody_asks_for_goes_first():
    paths = Paths(points_max=100)
    for run in range(5):
        paths.of(run, 1, lambda: way(20))
    paths.of(0, 1, lambda: ())
    paths.of(5, 1, lambda: way(40))
    assert (len(paths), paths.points) == (4, 100)
    assert paths.of(0, 1, lambda: pytest.fail("read again"))
    assert len(paths.of(6, 1, lambda: way(300)).points) == 300
    assert (len(paths), paths.points) == (1, 300)


def test_a_run_that_is_over_is_forgotten():
    clock = Clock()
    paths = Paths(clock=clock)
    for run in range(50):
        paths.of(run, 1, lambda: way(20))
        clock.now_s += IDLE_S / 10
    assert len(paths) == 11


@pytest.mark.django_db
def test_however_often_a_run_is_estimated_its_path_is_held_once_and_a_new_path_counts_at_once(monkeypatch):
    monkeypatch.setattr(grounds, "PATHS", paths := Paths())
    truck = Conveyance.objects.create(kind="vehicle", plate="沪A00001")
    terminal_id = Terminal.objects.create(kind="jt808", number="13800000001", conveyance=truck).pk
    run = Run.objects.create(
        unit_id=77, number="A/1", conveyance=truck, state="under_way", starts_at=NOW, path=way(20), corridor_m=2_000
    )

    def report(at: int) -> None:
        point = Point(
            at=int(NOW.timestamp()) - 3_600 + at, lat_e6=LAT, lon_e6=LON + 50 * at, speed_dkmh=300, course_deg=90
        )
        item = PointIn(terminal_id=terminal_id, point=point, digest=at, raw=b"raw")
        assert store([item], source="test", now=NOW).outcomes == [""]

    def change(**fields) -> None:
        with transaction.atomic():  # what makes another version of a row is another transaction
            Run.objects.filter(pk=run.pk).update(**fields)

    for turn in range(5):
        report(turn)
        change(forecast_due_at=NOW)
    assert (len(paths), paths.points) == (1, 20)
    assert not Alarm.objects.exists()
    change(path=way(20, north=500_000))
    for turn in range(1, 9):
        report(240 * turn)
    assert Alarm.objects.get().kind == "off_route"

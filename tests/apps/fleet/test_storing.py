"""Points of many terminals in one transaction: what is kept, what moves, what is told."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from huoji.apps.fleet.actions import contacts
from huoji.apps.fleet.actions.storing import PointIn, store
from huoji.apps.fleet.models import (
    Alarm,
    Contact,
    Conveyance,
    FilteredPosition,
    LastPosition,
    Position,
    Reading,
    Run,
    Terminal,
)  # fmt: skip
from huoji.apps.places.actions import create_site
from huoji.core.place import SiteDraft, SiteKind
from huoji.core.position import Point
from huoji.kit import ingest
from huoji.kit.models import OutboxRow
from tests.people import SYSTEM

NOW = datetime.now(UTC).replace(microsecond=0)
NOW_S = int(NOW.timestamp())
LAT, LON = 31_230_400, 121_473_700
STEP = 5_000  # microdegrees of latitude: some 550 m


@pytest.fixture
def terminals(db):
    return [made(number) for number in range(1, 4)]


def made(number: int) -> int:
    truck = Conveyance.objects.create(kind="vehicle", plate=f"沪A{number:05}")
    return Terminal.objects.create(kind="jt808", number=f"138{number:08}", conveyance=truck).pk


def point_in(terminal_id: int, at: int, *, lat: int = LAT, lon: int = LON, **more) -> PointIn:
    extra = {name: more.pop(name) for name in ("celsius", "nav", "extra") if name in more}
    point = Point(at=NOW_S + at, lat_e6=lat, lon_e6=lon, **{"speed_dkmh": 600, "course_deg": 87} | more)
    digest = hash((point.at, lat, lon, point.alarm)) & (1 << 62) - 1
    return PointIn(terminal_id=terminal_id, point=point, digest=digest, raw=b"raw", **extra)


def drive(terminal_id: int, *ats: int, **more) -> list[PointIn]:
    return [point_in(terminal_id, at, lat=LAT + STEP * number, **more) for number, at in enumerate(ats)]


def stored(*items: PointIn, now: datetime = NOW) -> list[str]:
    return store(items, source="test", now=now).outcomes


def topics() -> list[tuple[str, dict]]:
    return [
        (row.topic, row.data)
        for row in OutboxRow.objects.filter(topic__startswith="fleet.").exclude(topic="fleet.moved").order_by("id")
    ]


def test_a_batch_of_many_terminals_moves_each_to_its_newest_point(terminals):
    batch = [item for each in terminals for item in drive(each, -90, -60, -30)]
    assert stored(*batch) == [""] * 9
    assert Position.objects.count() == 9
    for each in LastPosition.objects.select_related("terminal"):
        assert (each.at, each.lat) == (NOW - timedelta(seconds=30), LAT + 2 * STEP)
        assert each.conveyance_id == each.terminal.conveyance_id
        assert (each.speed, each.course, each.moving_since) == (600, 87, NOW - timedelta(seconds=90))


def test_the_columns_hold_what_the_point_said(terminals):
    said = {"altitude_m": -3, "mileage_hm": 123_456, "status": 0xFFFFFFFF, "alarm": 1 << 31, "history": True}
    stored(point_in(terminals[0], -5, extra=b"\x30\x01\x1f", nav=5, **said))
    row = Position.objects.get()
    assert (row.altitude, row.mileage, row.status, row.alarm, row.history) == (-3, 123_456, 0xFFFFFFFF, 1 << 31, True)
    assert (bytes(row.extra), row.nav, row.recorded_at) == (b"\x30\x01\x1f", 5, NOW)
    stored(point_in(terminals[1], -5, course_deg=-1, speed_dkmh=-1))
    row = Position.objects.get(terminal_id=terminals[1])
    assert (row.course, row.speed, row.mileage, row.extra, row.nav) == (None, 0, None, None, None)


def test_a_replay_in_any_cut_changes_nothing(terminals):
    batch = [item for each in terminals for item in drive(each, -90, -60, -30)]
    stored(*batch)
    before = list(LastPosition.objects.order_by("pk").values()), list(Position.objects.order_by("pk").values())
    assert set(stored(*batch)) == {"duplicate"}
    assert set(stored(*batch[4:])) == {"duplicate"}
    assert (
        list(LastPosition.objects.order_by("pk").values()),
        list(Position.objects.order_by("pk").values()),
    ) == before
    assert not FilteredPosition.objects.exists()


def test_the_same_point_twice_in_a_batch_is_kept_once(terminals):
    one, two = drive(terminals[0], -90, -60)
    assert stored(one, two, one, two) == ["", "", "duplicate", "duplicate"]
    assert Position.objects.count() == 2


def test_two_points_of_one_second_are_both_kept_however_often_they_come(terminals):
    here, there = point_in(terminals[0], -60), point_in(terminals[0], -60, lat=LAT + 400)
    assert stored(here, there) == ["", ""]
    assert stored(here, there) == ["duplicate", "duplicate"]
    assert Position.objects.count() == 2


def test_a_late_point_enters_the_track_and_moves_nothing_back(terminals):
    stored(point_in(terminals[0], -10, lat=LAT + STEP))
    assert stored(*drive(terminals[0], -70, -40, history=True)) == ["", ""]
    assert LastPosition.objects.get().lat == LAT + STEP
    assert list(Position.objects.order_by("at").values_list("history", flat=True)) == [True, True, False]


def test_points_of_a_dark_day_make_their_partition_within_the_days_we_keep(terminals):
    assert stored(point_in(terminals[0], -20 * 86_400), point_in(terminals[0], -85 * 86_400)) == ["", ""]
    assert stored(point_in(terminals[0], -400 * 86_400)) == ["ancient"]
    assert Position.objects.count() == 2


def test_filtered_points_are_kept_raw_under_the_name_of_their_filter(terminals):
    batch = [
        point_in(terminals[0], -60),
        point_in(terminals[0], -50, fixed=False),
        point_in(terminals[0], -40, lat=0, lon=0),
        point_in(terminals[0], 86_400),
        point_in(terminals[0], -30, lat=LAT + 5_000_000),
        point_in(terminals[0], -20, lat=LAT + 10, speed_dkmh=0),
    ]
    assert stored(*batch) == ["", "invalid", "zero", "future", "jump", "static"]
    kept = FilteredPosition.objects.order_by("filter").values_list("filter", "raw")
    assert [(name, bytes(raw)) for name, raw in kept] == [
        (n, b"raw") for n in ("future", "invalid", "jump", "static", "zero")
    ]
    assert Position.objects.count() == 1
    assert stored(*batch[1:3]) == ["invalid", "zero"]  # at the same moment: kept once, no error


def test_a_filter_can_be_switched_off_for_a_terminal_but_nothing_impossible_is_stored(terminals):
    Terminal.objects.filter(pk=terminals[0]).update(filters_off=["static", "invalid", "future", "ancient"])
    parked = [point_in(terminals[0], at, speed_dkmh=0) for at in (-60, -50)]
    assert stored(*parked) == ["", ""]
    wrong = [
        point_in(terminals[0], -5, lat=91_000_000),
        point_in(terminals[0], 86_400 * 30),
        point_in(terminals[0], 1 - NOW_S),
    ]
    assert stored(*wrong) == ["invalid", "future", "ancient"]


def test_a_jump_is_believed_across_batches_when_the_new_place_stays(terminals):
    stored(point_in(terminals[0], -600))
    there = [point_in(terminals[0], -590 + 10 * n, lat=LAT + 9_000_000 + n * 400) for n in range(5)]
    assert [stored(each)[0] for each in there] == ["jump"] * 4 + [""]
    assert LastPosition.objects.get().lat == LAT + 9_000_000 + 1_600


def test_points_of_a_terminal_that_is_gone_are_not_stored(terminals):
    assert stored(point_in(987_654, -5), point_in(terminals[0], -5)) == ["unknown", ""]


def test_arrival_and_departure_at_a_site_are_told_once_with_their_times(terminals, django_capture_on_commit_callbacks):
    site_id = create_site(
        SYSTEM, SiteDraft(code="SHA01", name="上海分拨", kind=SiteKind.HUB, lat=31.2304, lon=121.4737)
    )
    way_in = [point_in(terminals[0], -900 + 30 * n, lat=LAT + 50_000 - 10_000 * n) for n in range(6)]
    stay = [point_in(terminals[0], -700 + 60 * n, speed_dkmh=100, lat=LAT + 300 * n) for n in range(4)]
    for each in way_in + stay:
        stored(each)
    assert LastPosition.objects.get().site_id == site_id
    stored(*[point_in(terminals[0], -400 + 30 * n, lat=LAT + 30_000 + 9_000 * n) for n in range(5)])
    truck = Terminal.objects.get(pk=terminals[0]).conveyance_id
    who = {"terminal": terminals[0], "conveyance": truck, "run": None, "site": site_id}
    assert topics() == [
        ("fleet.arrived", who | {"at": way_in[5].point.at}),
        ("fleet.departed", who | {"at": NOW_S - 400}),
    ]
    assert LastPosition.objects.get().site_id is None


def test_leaving_the_corridor_of_the_run_is_told_and_clears_when_it_is_back(terminals):
    truck = Terminal.objects.get(pk=terminals[0]).conveyance
    path = [[LAT, LON], [LAT + 1_000_000, LON]]
    Run.objects.create(
        unit_id=77, number="A/1", conveyance=truck, state="under_way", starts_at=NOW, path=path, corridor_m=2_000
    )
    ways = [0] * 3 + [60_000] * 7 + [0] * 4
    points = [
        point_in(terminals[0], -3_600 + 240 * n, lat=LAT + 20_000 * n, lon=LON + east) for n, east in enumerate(ways)
    ]
    for each in points:
        stored(each)
    assert [(topic, data["run"], data["at"]) for topic, data in topics() if "route" in topic] == [
        ("fleet.offroute", 77, points[3].point.at), ("fleet.onroute", 77, points[12].point.at),
    ]  # fmt: skip
    alarm = Alarm.objects.get(kind="off_route")
    assert (alarm.source, alarm.cleared_at is not None, alarm.facts["run"]) == ("rule", True, 77)
    assert Run.objects.get().off_route_since is None


def test_alarm_bits_open_one_alarm_each_and_clear_with_the_bit(terminals):
    bits = 1 << 0 | 1 << 5
    stored(point_in(terminals[0], -90, alarm=bits), point_in(terminals[0], -60, lat=LAT + STEP, alarm=bits))
    assert {(a.kind, a.cleared_at, a.times) for a in Alarm.objects.all()} == {
        ("emergency", None, 1),
        ("antenna_open", None, 1),
    }
    assert [topic for topic, _ in topics()] == ["fleet.emergency", "fleet.alarm"]
    stored(point_in(terminals[0], -30, lat=LAT + 2 * STEP, alarm=1 << 5))
    assert Alarm.objects.get(kind="emergency").cleared_at == NOW - timedelta(seconds=30)
    assert Alarm.objects.get(kind="antenna_open").cleared_at is None


def test_an_alarm_is_heard_without_a_fix_and_history_raises_none(terminals):
    stored(point_in(terminals[0], -60), point_in(terminals[0], -30, fixed=False, lat=0, lon=0, alarm=1))
    assert Alarm.objects.get().kind == "emergency"
    stored(*drive(terminals[1], -900, -600, alarm=1, history=True))
    assert not Alarm.objects.filter(terminal_id=terminals[1]).exists()


def test_an_emergency_without_clock_and_place_opens_an_alarm_that_names_no_place(terminals):
    assert stored(point_in(terminals[0], -NOW_S, lat=91_000_000, alarm=1)) == ["invalid"]
    alarm = Alarm.objects.get()
    assert (alarm.kind, alarm.opened_at, alarm.lat, alarm.lon) == ("emergency", NOW, None, None)


def test_the_thermometer_of_the_box_becomes_a_reading(terminals):
    stored(point_in(terminals[0], -60, celsius=-18.0))
    row = Reading.objects.get()
    assert (row.value, row.metric, row.at) == (-18.0, 0, NOW - timedelta(seconds=60))


def test_what_was_heard_is_counted_for_the_health_page_and_for_each_terminal(
    terminals, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        stored(*drive(terminals[0], -60, -30), point_in(terminals[0], -20, fixed=False))
        stored(*drive(terminals[0], -60))
    ingest.flush()
    contacts.flush()
    contacts.flush()
    source = next(each for each in ingest.sources(now=NOW) if each.name == "test")
    assert (source.accepted, source.duplicates, source.rejected) == (2, 1, 1)
    contact = Contact.objects.get()
    assert (contact.last_at, contact.counts) == (NOW, {"stored": 2, "invalid": 1, "duplicate": 1})


@pytest.mark.django_db(transaction=True)
def test_two_writers_of_the_same_terminals_lose_nothing_and_never_move_one_back():
    ids = [made(number) for number in range(1, 9)]

    def write(offset: int) -> None:
        try:
            for turn in range(12):
                order = ids if (turn + offset) % 2 else ids[::-1]
                store(
                    [point_in(each, -600 + 40 * turn + 20 * offset, lat=LAT + 2_000 * (2 * turn + offset)) for each in order],
                    source="test", now=NOW,
                )  # fmt: skip
        finally:
            connection.close()

    writers = [threading.Thread(target=write, args=(offset,)) for offset in (0, 1)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert Position.objects.count() == 8 * 24
    assert {row.at for row in LastPosition.objects.all()} == {NOW - timedelta(seconds=140)}
    contacts.flush()
    ingest.flush()

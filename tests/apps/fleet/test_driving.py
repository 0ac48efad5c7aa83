"""The vehicles of a demonstration report by the way of all terminals, along their runs."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from pyais.encode import encode_dict

from huoji.apps.fleet.actions import admitting, driving, loading
from huoji.apps.fleet.actions.admitting import Admission
from huoji.apps.fleet.actions.conveyances import ConveyanceDraft
from huoji.apps.fleet.actions.loading import FleetDraft, RunLoad, StopLoad
from huoji.apps.fleet.actions.rows import Place, PointIn
from huoji.apps.fleet.models import Conveyance, LastPosition, Position, Run, Terminal
from huoji.apps.places.actions import create_site
from huoji.core.fleet import ConveyanceKind, RunState, TerminalKind
from huoji.core.permission import KeyScope
from huoji.core.place import SiteDraft, SiteKind
from huoji.core.position import Point
from huoji.gateways.ais.recording import run_file
from tests.people import SYSTEM

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC).replace(microsecond=0)
START, END = (31.0, 121.0), (31.0, 120.0)


@pytest.fixture
def loaded():
    """One truck that has come 0.4 of a degree in an hour and has an hour for the rest, one that stands."""
    sites = [
        create_site(SYSTEM, SiteDraft(code=code, name=code, kind=SiteKind.PORT, lat=lat, lon=lon))
        for code, (lat, lon) in (("HERE", START), ("THERE", END))
    ]
    drafts = [
        FleetDraft(
            name=plate, conveyance=ConveyanceDraft(kind=ConveyanceKind.VEHICLE, plate=plate), terminal_kind=TerminalKind.JT808,
            terminal_number=f"100000000{index}0",
        )
        for index, plate in enumerate(("沪I00001", "沪I00002"), 5)
    ]  # fmt: skip
    loaded = loading.load_fleet(drafts, dataset="demo", now=NOW)
    point = Point(at=int(NOW.timestamp()) - 600, lat_e6=31_000_000, lon_e6=120_600_000, speed_dkmh=500, course_deg=270)
    places = [
        Place(
            terminal_id=whose.terminal_id, conveyance_id=whose.conveyance_id, item=PointIn(terminal_id=whose.terminal_id, point=point, digest=1, raw=b""),
            moving_since=0, stopped_since=0, site_id=None, memory=b"", dataset="demo",
        )
        for whose in loaded.values()
    ]  # fmt: skip
    loading.load_places(places, now=NOW)
    loading.load_tracks([place.item for place in places], now=NOW)
    hour = timedelta(hours=1)
    ends = [
        StopLoad(site_id=sites[0], planned_arrives_at=None, planned_departs_at=NOW - hour, arrived_at=NOW - 2 * hour, departed_at=NOW - hour, eta_at=None, eta_spread=hour, risk=""),
        StopLoad(site_id=sites[1], planned_arrives_at=NOW + hour, planned_departs_at=None, arrived_at=None, departed_at=None, eta_at=NOW + hour, eta_spread=hour, risk="none"),
    ]  # fmt: skip
    run = RunLoad(
        unit_id=77, number="沪I00001/1", conveyance_id=loaded["沪I00001"].conveyance_id, state=RunState.UNDER_WAY,
        starts_at=NOW - hour, ends_at=None, path=tuple((round(lat * 1e6), round(lon * 1e6)) for lat, lon in (START, END)),
        corridor_m=5_000, stops=tuple(ends),
    )  # fmt: skip
    loading.load_runs([run], dataset="demo", now=NOW)
    return loaded


def driven(minutes: int) -> int:
    """Count those that the driver moves so much later."""
    return len(driving.drive("demo", now=NOW + timedelta(minutes=minutes), part=0, parts=1).outcomes)


def test_what_speaks_for_itself_is_driven_no_more(loaded, make_staff, make_key):
    assert driven(0) == 2
    terminal = Terminal.objects.get(pk=loaded["沪I00001"].terminal_id)
    device = admitting.Device(number=terminal.number, version=2019, device_id="TOLD")
    terminal.auth_code = ""
    terminal.save(update_fields=["auth_code"])
    assert admitting.register_terminal(device, now=NOW).admission is Admission.ACCEPTED
    assert driven(5) == 1
    key = make_key(make_staff("dispatch").principal, KeyScope.POSITIONS_WRITE)
    told = {"plate": "沪I00002", "at": (NOW - timedelta(minutes=1)).isoformat(), "lat": 31.0, "lon": 120.61}
    answer = Client().post(
        "/api/v1/positions", [told], content_type="application/json", headers={"Authorization": f"Bearer {key}"}
    )
    assert answer.json()["accepted"] == 1, answer.content
    assert driven(10) == 0


def test_an_ais_line_of_a_vessel_takes_it_from_the_driver_also_as_another_terminal_of_it(loaded, tmp_path):
    ship = ConveyanceDraft(kind=ConveyanceKind.VESSEL, name="演示轮", mmsi="200000001")
    draft = FleetDraft(name="ship", conveyance=ship, terminal_kind=TerminalKind.AIS, terminal_number="200000001")
    made = loading.load_fleet([draft], dataset="demo", now=NOW)["ship"]
    point = Point(at=int(NOW.timestamp()) - 600, lat_e6=31_000_000, lon_e6=122_600_000, speed_dkmh=0, course_deg=0)
    item = PointIn(terminal_id=made.terminal_id, point=point, digest=2, raw=b"")
    loading.load_places(
        [Place(
            terminal_id=made.terminal_id, conveyance_id=made.conveyance_id, item=item, moving_since=0, stopped_since=0,
            site_id=None, memory=b"", dataset="demo",
        )], now=NOW,
    )  # fmt: skip
    assert driven(0) == 3
    feed = tmp_path / "feed.nmea"
    told = {"mmsi": "200000001", "type": 1, "lat": 31.0, "lon": 122.6, "speed": 10, "course": 90}
    lines = encode_dict(told | {"second": (NOW.second - 1) % 60})  # never the moment at which the driver had it
    feed.write_text("\n".join(lines))
    assert run_file(feed, keep_all=False)["stored"] == 1
    assert driven(5) == 2


def test_one_drives_along_its_run_and_the_other_stays_where_it_is(loaded):
    for part in range(2):
        assert driving.drive("demo", now=NOW, part=part, parts=2).outcomes in ([""], ["", ""], [])
    moved, stood = (
        LastPosition.objects.get(conveyance_id=loaded[plate].conveyance_id) for plate in ("沪I00001", "沪I00002")
    )
    assert (moved.lat, moved.lon) == (pytest.approx(31_000_000, abs=2_000), pytest.approx(120_514_000, abs=2_000))
    assert moved.speed == pytest.approx(477, abs=60)
    assert moved.course == pytest.approx(270, abs=2)
    assert (stood.lat, stood.lon, stood.speed) == (31_000_000, 120_600_000, 0)
    assert moved.at == stood.at == NOW


def test_nothing_of_a_dataset_stays_and_nothing_else_goes(loaded):
    own = Conveyance.objects.create(kind=ConveyanceKind.VEHICLE, plate="沪A12345")
    driving.drive("demo", now=NOW, part=0, parts=1)
    assert loading.remove_dataset("demo") > 8
    for model in (Terminal, LastPosition, Position, Run):
        assert not model.objects.exists(), model
    assert Conveyance.objects.get() == own

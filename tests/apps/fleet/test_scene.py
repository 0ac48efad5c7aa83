"""What the dispatch map is sent: small, unchanged when nothing changed, only what moved, and shifted once for a shifted map."""

import gzip
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from huoji.apps.fleet.actions import moving
from huoji.apps.fleet.actions.storing import PointIn, store
from huoji.apps.fleet.models import Alarm, Conveyance, Terminal
from huoji.core import datum
from huoji.core.datum import Datum
from huoji.core.fleet import ConveyanceKind, TerminalKind
from huoji.core.position import Point
from huoji.kit import live, outbox
from huoji.kit.models import OutboxRow

pytestmark = pytest.mark.django_db
SHANGHAI, ROTTERDAM = (31.2304, 121.4737), (51.95, 4.05)


@pytest.fixture
def dispatcher(client_of) -> Client:
    return client_of("dispatch")


@pytest.fixture(autouse=True)
def _said_nothing():
    moving._Said.at_s = -moving.EVERY_S


def put(plate: str, place: tuple[float, float], *, at: datetime | None = None, load: int = 0) -> Conveyance:
    """Let a vehicle report one point, now."""
    now = datetime.now(UTC)
    at = at or now
    truck, _ = Conveyance.objects.get_or_create(kind=ConveyanceKind.VEHICLE, plate=plate)
    terminal, _ = Terminal.objects.get_or_create(kind=TerminalKind.JT808, number=plate, conveyance=truck)
    point = Point(
        at=int(at.timestamp()), lat_e6=round(place[0] * 1e6), lon_e6=round(place[1] * 1e6), speed_dkmh=634, course_deg=87,
        status=0b10 | load << 8,
    )  # fmt: skip
    store([PointIn(terminal_id=terminal.pk, point=point, digest=point.at, raw=b"x")], source="test", now=now)
    return truck


def scene_of(client: Client, **headers) -> dict:
    answer = client.get("/app/dispatch/objects", headers=headers)
    assert answer.status_code == 200
    return answer.json()


def row_of(told: dict, identity: int) -> dict:
    columns = told["columns"]
    index = columns["id"].index(identity)
    return {name: values[index] for name, values in columns.items()}


def test_the_scene_has_a_row_for_everything_that_has_a_position(dispatcher):
    truck = put("沪A12345", SHANGHAI, load=3)
    Conveyance.objects.create(kind=ConveyanceKind.VEHICLE, plate="沪A00000")
    Alarm.objects.create(
        conveyance=truck, terminal=Terminal.objects.get(), kind="fuel", source="terminal", opened_at=datetime.now(UTC),
        last_at=datetime.now(UTC),
    )  # fmt: skip
    told = scene_of(dispatcher)
    row = row_of(told, truck.pk)
    assert (row["number"], row["lat"], row["lon"], row["speed"], row["course"], row["load"]) == (
        "沪A12345", 3_123_040, 12_147_370, 63, 87, 3,
    )  # fmt: skip
    assert len(told["columns"]["id"]) == 1
    assert told["alarms"] == {str(truck.pk): 1}


def test_an_unchanged_scene_is_not_sent_again_and_a_sent_one_is_small(dispatcher):
    put("沪A12345", SHANGHAI)
    first = dispatcher.get("/app/dispatch/objects", headers={"accept-encoding": "gzip"})
    assert first["Content-Encoding"] == "gzip"
    assert json.loads(gzip.decompress(first.content))["columns"]["number"] == ["沪A12345"]
    again = dispatcher.get("/app/dispatch/objects", headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    put("沪A12345", (31.3, 121.5), at=datetime.now(UTC) + timedelta(minutes=5))
    assert dispatcher.get("/app/dispatch/objects", headers={"if-none-match": first["ETag"]}).status_code == 200


def test_only_what_moved_since_is_sent(dispatcher):
    put("沪A12345", SHANGHAI)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE last_position SET recorded_at = recorded_at - interval '1 minute'")
    since = int(datetime.now(UTC).timestamp())
    other = put("沪B00001", SHANGHAI)
    told = dispatcher.get(f"/app/dispatch/moved?since={since}").json()
    assert told["columns"]["id"] == [other.pk]
    assert dispatcher.get("/app/dispatch/moved?since=yesterday").status_code == 422
    first_second = int(datetime(1, 1, 1, tzinfo=UTC).timestamp())
    assert len(dispatcher.get(f"/app/dispatch/moved?since={first_second}").json()["columns"]["id"]) == 2


def test_a_thousand_points_are_one_notice_and_it_reaches_the_maps(dispatcher):
    for minute in range(5):
        put(f"沪A0000{minute}", SHANGHAI)
    assert OutboxRow.objects.filter(topic=moving.TOPIC).count() == 1
    topic = live.read_token(dispatcher.get("/app/dispatch/token").json()["token"], now=datetime.now(UTC)).topics[0]
    assert topic == live.topic(*moving.MAP)
    with connection.cursor() as cursor:
        cursor.execute(f"LISTEN {live.CHANNEL}")
    assert outbox.deliver(now=datetime.now(UTC) + timedelta(seconds=5))
    assert outbox.handlers_of(moving.TOPIC)


@pytest.mark.req("F08", part="shown in the datum of the base map, shifted once, on the mainland alone")
@pytest.mark.parametrize(
    ("place", "is_shifted"),
    [pytest.param(SHANGHAI, True, id="Shanghai"), pytest.param(ROTTERDAM, False, id="Rotterdam")],
)
def test_a_shifted_base_map_gets_shifted_places_and_what_is_kept_stays(dispatcher, monkeypatch, place, is_shifted):
    truck = put("沪A12345", place)
    monkeypatch.setattr(settings, "HUOJI", replace(settings.HUOJI, map_datum="gcj02"))
    row = row_of(scene_of(dispatcher), truck.pk)
    shown = (row["lat"] / 1e5, row["lon"] / 1e5)
    wanted = datum.show(*place, datum=Datum.GCJ02)
    assert shown == pytest.approx((wanted.lat, wanted.lon), abs=1.1e-5)
    assert (shown != pytest.approx(place, abs=1e-4)) is is_shifted
    page = dispatcher.get(f"/app/fleet/{truck.pk}").content.decode()
    assert f"{place[0]:.6f}, {place[1]:.6f}" in page


def test_who_does_not_see_the_fleet_gets_nothing_of_it(client_of):
    put("沪A12345", SHANGHAI)
    agent = client_of("cs_agent")
    for path in ("objects", "moved?since=0", "token", "1", "cargo/1", "cargo/find?text=x"):
        assert agent.get(f"/app/dispatch/{path}").status_code == 403


def test_the_tiles_of_a_provider_are_allowed_by_the_policy_and_only_they():
    code = (
        "import os; os.environ['HUOJI_MAP_TILES_URL']='https://{s}.tiles.example.com/{z}/{x}/{y}.png';"
        "from huoji.config import settings; print(settings.CONTENT_SECURITY_POLICY['DIRECTIVES']['img-src'])"
    )
    import subprocess
    import sys

    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "https://*.tiles.example.com" in said

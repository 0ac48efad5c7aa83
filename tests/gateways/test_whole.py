"""Requirements of live movement proven whole, from the socket or the API to what people and programs read."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from huoji.apps.fleet.actions import contacts, silence
from huoji.apps.fleet.models import Contact, Position
from huoji.core.permission import KeyScope
from huoji.wire import jt808
from huoji.wire.jt808 import Version
from tests.gateways.harness import play
from tools.driving import drive
from tools.fake_terminal import HANGZHOU, SHANGHAI

MOMENTS = [moment for moment in drive(SHANGHAI, HANGZHOU) if moment.speed_ms > 8][::20][:5]
# Near Shanghai on 2026-11-23 at 09:30 in China: 96.3 km/h, course 87, alarm bits overspeed and route deviation.
VECTOR = {
    "alarm": 0x0080_0002, "status": 0x000C_0003, "latitude": 31_230_400, "longitude": 121_473_700, "altitude": 12,
    "speed": 963, "direction": 87, "items": bytes.fromhex("01040012D687030203B630011F31010E"),
}  # fmt: skip


@pytest.fixture
def dispatch_key(make_staff, make_key) -> str:
    return make_key(make_staff("dispatch", number="DISP").principal, KeyScope.POSITIONS_WRITE, KeyScope.FLEET_READ)


def _read(key: str, conveyance_id: int):
    return Client().get(f"/api/v1/conveyances/{conveyance_id}/position", headers={"x-api-key": key}).json()


@pytest.mark.req("F02")
def test_vehicles_are_watched_by_their_terminals_in_every_edition_by_http_and_by_their_silence(
    make_terminal, terminal_at, dispatch_key, client_of
):
    rows = {version: make_terminal(f"1380013{version}", plate=f"粤B{version}1") for version in Version}

    async def scene(version: Version):
        now = int(datetime.now(UTC).timestamp())
        async with terminal_at(f"1380013{version}", version=version, plate=f"粤B{version}1") as terminal:
            await terminal.log_in()
            await terminal.heartbeat()
            for number, moment in enumerate(MOMENTS):
                terminal.blind = number < 3
                terminal._clock = lambda at=now - 300 + 20 * number: at
                await terminal.report(terminal.position(moment))
            await terminal.send_collected()
            await terminal.drain()
            return terminal

    for version, row in rows.items():
        terminal = play(scene(version))
        assert not terminal.refused
        assert Position.objects.filter(terminal_id=row.pk).count() == len(MOMENTS)
    truck = rows[Version.V2019].conveyance
    told = {"plate": truck.plate, "at": datetime.now(UTC).isoformat(), "lat": 30.3, "lon": 120.2, "speed_kmh": 20}
    answer = Client().post(
        "/api/v1/positions", [told], content_type="application/json", headers={"x-api-key": dispatch_key}
    )
    assert [item["result"] for item in answer.json()["items"]] == ["accepted"]
    contacts.flush()
    last = Contact.objects.latest("last_at").last_at
    silence.watch(now=last + timedelta(minutes=31))
    page = client_of("dispatch").get("/app/fleet/alarms").content.decode()
    assert all(row.conveyance.plate in page for row in rows.values())
    assert "失联" in page or "离线" in page


@pytest.mark.req("F03")
def test_the_place_and_speed_of_a_vehicle_can_be_read_as_soon_as_its_report_is_acknowledged(
    make_terminal, terminal_at, dispatch_key
):
    row = make_terminal()

    async def scene():
        async with terminal_at() as terminal:
            await terminal.log_in()
            at = int(datetime.now(UTC).timestamp())
            await terminal.report(jt808.write_position(time=at, **VECTOR))
            await terminal.drain()
            return at

    at = play(scene())  # acknowledged: from here on nothing waits
    seen = _read(dispatch_key, row.conveyance_id)
    assert (seen["lat"], seen["lon"], seen["speed_kmh"], seen["course"]) == (31.2304, 121.4737, 96.3, 87)
    assert datetime.fromisoformat(seen["at"]).timestamp() == at
    assert seen["freshness"] == "live"

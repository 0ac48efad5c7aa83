"""AIS through real sockets: positions of our vessels, what they say of themselves, emergencies, and feeds that misbehave."""

import asyncio
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import reduce
from operator import xor

import pytest
from django.conf import settings
from django.db import connection
from django.urls import reverse
from pyais.encode import encode_dict

from huoji.apps.fleet.actions import vessels
from huoji.apps.fleet.actions.conveyances import ConveyanceDraft, create_conveyance
from huoji.apps.fleet.models import Alarm, Conveyance, LastPosition, Position, Terminal, VesselTold
from huoji.core.fleet import ConveyanceKind, TerminalKind
from huoji.gateways.ais.lookout import Lookout
from huoji.gateways.ais.process import Gateway
from huoji.gateways.ais.recording import TOLD, run_file, say
from huoji.gateways.keeping import keeping
from huoji.kit import ingest
from huoji.kit.models import OutboxRow
from tests.gateways.harness import free_port
from tests.people import SYSTEM

pytestmark = pytest.mark.django_db(transaction=True)
MMSI, IMO = "413001234", "9074729"


def told(mmsi=MMSI, at=None, **fields):
    """Write lines as pyais does, with the time in a tag block."""
    lines = [line.encode() for line in encode_dict({"mmsi": mmsi} | fields, radio_channel="A")]
    if at is None:
        return lines
    tag = b"c:%d" % int(at.timestamp())
    return [b"\\" + tag + b"*%02X\\" % reduce(xor, tag, 0) + line for line in lines]


def place(lat=30.5, lon=122.5, status=0, **more):
    return told(type=1, lat=lat, lon=lon, speed=12.3, course=181.4, heading=180, status=status, **more)


def until(holds: Callable[[], bool], *, seconds=6.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if holds():
            return True
        time.sleep(0.02)
    return False


class Running:
    """A gateway on a thread of its own, as a process would run it."""

    def __init__(self, *, upstreams=()) -> None:
        self.port = free_port()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._main(upstreams)), daemon=True)

    async def _main(self, upstreams) -> None:
        self.loop, self.stopping = asyncio.get_running_loop(), asyncio.Event()
        async with keeping("ais-test") as keep:
            lookout = Lookout(keep_all=settings.HUOJI.ais_keep == "all")
            self.gateway = Gateway(
                lookout, keep, host="127.0.0.1", port=self.port, upstreams=upstreams, stopping=self.stopping
            )
            task = asyncio.create_task(self.gateway.run())
            await asyncio.sleep(0.05)
            self._ready.set()
            await task

    def __enter__(self):
        self._thread.start()
        assert self._ready.wait(5)
        return self

    def __exit__(self, *_):
        self.loop.call_soon_threadsafe(self.stopping.set)
        self._thread.join(10)
        assert not self._thread.is_alive()

    @property
    def kept(self) -> int:
        return self.gateway.kept

    def udp(self, *lines: bytes) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for line in lines:
                sender.sendto(line + b"\r\n", ("127.0.0.1", self.port))


@pytest.fixture
def vessel() -> int:
    draft = ConveyanceDraft(kind=ConveyanceKind.VESSEL, name="沪航一号", imo=IMO, mmsi=MMSI)
    return create_conveyance(SYSTEM, draft)


@pytest.mark.req("I01", part="AIS ingest by UDP: position, SOG, COG, navigational status and time by MMSI")
def test_a_position_by_udp_is_the_vessels_last_position(vessel):
    at = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=2)
    with Running() as gateway:
        gateway.udp(*place(status=5, at=at, second=at.second))
        assert until(lambda: LastPosition.objects.filter(conveyance_id=vessel).exists())
    last = LastPosition.objects.get(conveyance_id=vessel)
    assert (last.lat, last.lon) == (30_500_000, 122_500_000)
    assert (last.speed, last.course, last.nav, last.at) == (228, 181, 5, at)  # 12.3 kn are 22.8 km/h
    assert Terminal.objects.get(kind=TerminalKind.AIS).number == MMSI


def test_a_speed_that_the_ship_does_not_know_is_not_told_as_standing_still(vessel):
    with Running() as gateway:
        gateway.udp(*told(type=1, lat=30.5, lon=122.5, speed=102.3, course=360, heading=511, status=15))
        assert until(lambda: LastPosition.objects.filter(conveyance_id=vessel).exists())
    last = LastPosition.objects.get()
    assert (last.speed, last.course) == (-1, None)


def test_the_same_point_by_two_receivers_is_stored_once(vessel):
    at = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=2)
    with Running() as gateway:
        gateway.udp(*place(at=at, second=at.second), *place(at=at + timedelta(seconds=2), second=at.second))
        assert until(lambda: gateway.kept == 2)
    assert Position.objects.count() == 1


@pytest.mark.req("I01", part="voyage and static data by MMSI and IMO")
def test_what_a_vessel_says_of_itself_is_kept_beside_what_people_typed(vessel):
    with Running() as gateway:
        gateway.udp(*told(
            type=5, imo=int(IMO), shipname="HU HANG 1", callsign="BXYZ7", destination="NINGBO", draught=9.8, month=12, day=1,
            hour=6, minute=30,
        ))  # fmt: skip
        assert until(lambda: VesselTold.objects.filter(pk=vessel).exists())
    row, said = Conveyance.objects.get(pk=vessel), VesselTold.objects.get(pk=vessel)
    assert (row.name, row.call_sign) == ("沪航一号", "BXYZ7")  # typed stays, what nobody typed is filled in
    assert (said.name, said.destination, said.draught_dm) == ("HU HANG 1", "NINGBO", 98)
    assert (said.eta_at.month, said.eta_at.day, said.eta_at.hour) == (12, 1, 6)


def test_a_vessel_known_by_its_imo_number_alone_learns_its_mmsi():
    draft = ConveyanceDraft(kind=ConveyanceKind.VESSEL, name="沪航二号", imo="9319466")
    vessel = create_conveyance(SYSTEM, draft)
    with Running() as gateway:
        gateway.udp(*told(mmsi="413005555", type=5, imo=9319466, shipname="HU HANG 2"))
        assert until(lambda: Conveyance.objects.get(pk=vessel).mmsi == "413005555")
        gateway.udp(*place(mmsi="413005555"))
        assert until(lambda: LastPosition.objects.filter(conveyance_id=vessel).exists())


def test_vessels_of_others_are_counted_and_dropped_unless_all_are_kept(vessel, settings):
    with Running() as gateway:
        gateway.udp(*place(mmsi="636012345"), *place())
        assert until(lambda: gateway.kept == 2)
    assert Position.objects.count() == 1
    settings.HUOJI = replace(settings.HUOJI, ais_keep="all")
    with Running() as gateway:
        gateway.udp(*place(mmsi="636012345"))
        assert until(lambda: LastPosition.objects.filter(terminal__number="636012345").exists())
    assert Terminal.objects.get(number="636012345").conveyance_id is None


def test_gateway_and_writers_that_learn_of_a_vessel_at_once_fit_it_once(vessel):
    together = threading.Barrier(4)

    def learn(_):
        together.wait(5)
        try:
            return vessels.muster(now=datetime.now(UTC), mmsis={MMSI}).vessels
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(learn, range(4))) == [{MMSI: vessel}] * 4
    assert Terminal.objects.get(number=MMSI).fittings.count() == 1


def test_a_crowd_of_strangers_is_entered_with_as_few_reads_as_one_and_no_more_are_entered_than_there_is_room_for(
    django_assert_max_num_queries, monkeypatch
):
    monkeypatch.setattr(vessels, "FOREIGN_MAX", 400)
    first, more = ([f"{636_000_000 + each}" for each in numbers] for numbers in (range(300), range(200, 500)))
    with django_assert_max_num_queries(6):
        assert sorted(vessels.enrol_foreign(first)) == first
    with django_assert_max_num_queries(6):
        assert sorted(vessels.enrol_foreign(more)) == more[:200]
    with django_assert_max_num_queries(4):
        assert sorted(vessels.enrol_foreign(first)) == first


@pytest.mark.req("I01", part="emergencies by navigational status")
@pytest.mark.parametrize(("status", "kind"), [(6, "aground"), (2, "not_under_command"), (14, "sart")])
def test_an_emergency_by_status_raises_an_alarm_once_and_clears_with_the_status(vessel, status, kind):
    with Running() as gateway:
        gateway.udp(*place(status=status))
        assert until(lambda: Alarm.objects.filter(kind=kind, cleared_at=None).exists())
        gateway.udp(*place(status=status, lat=30.501))
        gateway.udp(*place(status=0, lat=30.502))
        assert until(lambda: Alarm.objects.filter(kind=kind, cleared_at__isnull=False).exists(), seconds=4)
    [alarm] = Alarm.objects.all()
    assert (alarm.conveyance_id, alarm.facts["nav"]) == (vessel, status)
    assert OutboxRow.objects.filter(topic="fleet.emergency").count() == 1


def test_a_vessel_that_knows_not_where_it_is_calls_for_help_and_moves_nowhere(vessel):
    with Running() as gateway:
        gateway.udp(*place(), *place(mmsi="970123457", lat=91, lon=181, status=14))
        assert until(LastPosition.objects.exists)
        gateway.udp(*place(lat=91, lon=181, status=2))
        assert until(Alarm.objects.exists)
    [alarm] = Alarm.objects.all()
    assert (alarm.kind, alarm.conveyance_id, alarm.lat, alarm.lon) == ("not_under_command", vessel, None, None)
    assert LastPosition.objects.get().lat == 30_500_000


def test_a_distress_beacon_near_a_vessel_of_ours_raises_its_alarm_and_a_tested_one_does_not(vessel):
    with Running() as gateway:
        gateway.udp(*place())
        assert until(LastPosition.objects.exists)
        gateway.udp(*place(mmsi="970123456", lat=30.55, status=15), *place(mmsi="970999999", lat=35.0, status=14))
        gateway.udp(*place(mmsi="970123457", lat=30.55, status=14))
        assert until(Alarm.objects.exists)
    [alarm] = Alarm.objects.all()
    assert (alarm.kind, alarm.conveyance_id, alarm.facts["beacon"]) == ("sart", vessel, "970123457")
    assert 5_000 < alarm.facts["distance_m"] < 6_000


def test_a_tcp_feed_may_come_in_any_pieces_among_noise(vessel):
    stream = b"\r\n".join(
        [b"GET / HTTP/1.1", *place(lat=30.501), b"\x00\xff" * 30, *place(lat=30.502), b"!AIVDM,1,1,,A,broken", b""]
    )
    with Running() as gateway:
        with socket.create_connection(("127.0.0.1", gateway.port)) as feed:
            for start in range(0, len(stream), 17):
                feed.sendall(stream[start : start + 17])
            assert until(lambda: gateway.kept >= 5)
        assert LastPosition.objects.get().lat == 30_502_000
        assert gateway.gateway.lookout.counts["odd"] == 3


def test_a_feed_that_we_connect_to_is_followed_and_found_again_after_it_was_lost(vessel):
    upstream = socket.create_server(("127.0.0.1", 0))
    with upstream, Running(upstreams=[("127.0.0.1", upstream.getsockname()[1])]) as gateway:
        for number in range(2):
            link, _ = upstream.accept()
            with link:
                link.sendall(b"\n".join([*place(lat=30.0 + number), b""]))
                assert until(lambda wanted=number + 1: gateway.kept == wanted)


def test_parts_of_one_message_by_two_feeds_are_not_mixed(vessel):
    first, second = told(type=5, imo=int(IMO), shipname="HU HANG 1")
    with Running() as gateway, socket.create_connection(("127.0.0.1", gateway.port)) as feed:
        feed.sendall(first + b"\n")
        assert until(lambda: gateway.kept == 1)
        gateway.udp(second)
        assert until(lambda: gateway.kept == 2)
        assert not VesselTold.objects.exists()
        feed.sendall(second + b"\n")
        assert until(VesselTold.objects.exists)


def test_a_recording_is_read_as_history_and_its_lines_are_accounted_for(vessel, tmp_path):
    at = datetime.now(UTC) - timedelta(days=2)
    recording = tmp_path / "log.nmea"
    recording.write_bytes(b"\n".join([*place(at=at, status=6), *place(mmsi="636012345", at=at), b"noise", b"# note"]))
    first, second = told(type=5, mmsi=MMSI, imo=int(IMO), shipname="HU HANG 1")
    lines = [b"", *place(at=at, status=6), b"", first, second, first, b"!AIVDM,1,1,,A,broken", second, first]
    with recording.open("ab") as more:
        more.write(b"\n".join(lines))
    counts = run_file(recording, keep_all=False)
    assert counts == {
        "lines": 12, "stored": 1, "duplicates": 1, "filtered": 0, "foreign": 1, "described": 2, "other": 0, "parts": 2,
        "times": 0, "blank": 2, "odd": 3, "odd: checksum": 1, "odd: incomplete": 1, "odd: not_nmea": 1,
    }  # fmt: skip
    assert counts["lines"] == sum(counts[name] for name in TOLD if name != "lines")
    assert counts["odd"] == sum(amount for name, amount in counts.items() if name.startswith("odd: "))
    assert list(say(counts))[1].split() == ["stored", "1", "positions"]
    assert Position.objects.get().history
    assert not Alarm.objects.exists()


@pytest.mark.req("I04", part="AIS")
def test_how_late_positions_come_is_measured(vessel):
    ingest._tallies.clear()  # of the tests before
    with Running() as gateway:
        gateway.udp(*place(at=datetime.now(UTC) - timedelta(minutes=20)))
        assert until(lambda: gateway.kept)
    ingest.flush()
    [source] = [each for each in ingest.sources(now=datetime.now(UTC)) if each.name == "ais-test"]
    assert source.lag_p95_s >= 1_200


@pytest.mark.req("I01")
def test_a_vessels_page_tells_status_speed_course_age_and_what_differs_from_what_was_typed(vessel, client_of):
    """Position, SOG, COG and status by MMSI and IMO, the voyage on a map, and a label when the position is old."""
    Conveyance.objects.filter(pk=vessel).update(name_en="SHANGHAI EXPRESS")
    at = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=3)
    with Running() as gateway:
        gateway.udp(*place(status=5, at=at, second=at.second))
        gateway.udp(*told(type=5, imo=int(IMO), shipname="HU HANG 1", destination="NINGBO", draught=9.8))
        assert until(VesselTold.objects.exists)
        assert until(LastPosition.objects.exists)
    client = client_of("dispatch")
    page = client.get(reverse("conveyance", args=[vessel])).content.decode()
    for text in (
        "系泊",
        "12.3 节",
        "181°",
        "NINGBO",
        "9.8 m",
        "位置已旧",
        "登记为 SHANGHAI EXPRESS，AIS 报 HU HANG 1",
        "data-map",
    ):
        assert text in page
    english = client.get(reverse("conveyance", args=[vessel]), headers={"Accept-Language": "en"}).content.decode()
    for text in ("Moored", "12.3 kn", "Stale"):
        assert text.lower() in english.lower()

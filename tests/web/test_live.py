"""The live stream through its own server: who holds a token hears its topics, everyone else hears nothing."""

import os
import signal
import socket
import subprocess
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection

from huoji.kit import heartbeat, live, postgres
from huoji.kit.models import Heartbeat
from huoji.web import live as web_live

ROOT = Path(__file__).resolve().parents[2]
START_S = 20.0
pytestmark = pytest.mark.django_db(transaction=True)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def server(transactional_db):
    """The live server as `huoji live` starts it, on this test's database."""
    port = free_port()
    from dataclasses import replace

    from huoji.config import database, serve

    cluster = database.cluster(settings.HUOJI.data_dir)
    name = settings.DATABASES["default"]["NAME"]
    command = serve.live(replace(settings.HUOJI, live_port=port))
    environ = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "huoji.config.settings",
        "HUOJI_DATA_DIR": str(settings.HUOJI.data_dir),
        "HUOJI_DATABASE_URL": f"postgresql://{postgres.APP_ROLE}@/{name}?host={quote(str(cluster.sockets))}",
        "PYTHONPATH": str(ROOT / "src"),
    }
    process = subprocess.Popen(command, env=environ, cwd=ROOT)
    try:
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        while not Heartbeat.objects.filter(kind="live").exists():
            assert time.monotonic() < deadline, "the live process never reached the database"
            time.sleep(0.05)
        yield port, process
    finally:
        process.kill()
        process.wait()


@contextmanager
def stream(port, token, **headers):
    link = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        link.request("GET", f"/live/?token={quote(token)}", headers=headers)
        yield link.getresponse()
    finally:
        link.close()


def read_event(answer):
    """Return the next event that is not a comment and not the retry line."""
    lines = []
    while True:
        line = answer.readline().decode().rstrip("\n")
        if line:
            lines.append(line)
        elif lines and not lines[0].startswith((":", "retry")):
            return lines
        else:
            assert lines, "the stream ended"
            lines = []


def notify(*topics):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [live.CHANNEL, " ".join(topics)])


def test_who_holds_a_token_hears_its_topics_and_no_other_and_the_server_stops_with_streams_open(server):
    port, process = server
    now = datetime.now(UTC)
    mine, other = live.topic("waybill", 1), live.topic("waybill", 2)
    origin = "http://127.0.0.1:8000"
    with stream(port, live.token([mine], now), Origin=origin) as one, stream(port, live.token([other], now)) as two:
        assert one.status == 200
        assert one.getheader("content-type").startswith("text/event-stream")
        assert one.getheader("access-control-allow-origin") == origin
        time.sleep(0.2)
        notify(other)
        assert read_event(two) == [f"data: {other}"]
        started = time.monotonic()
        notify(mine)
        assert read_event(one) == [f"data: {mine}"], "and not the other's"
        assert time.monotonic() - started < 1
        with stream(port, "nonsense") as refused:
            assert refused.status == 204, "204 is what makes EventSource give up"
        with stream(port, live.token([mine], now - timedelta(minutes=11))) as late:
            assert late.status == 204
        with stream(port, live.token([mine], now), Origin="https://evil.example") as foreign:
            assert foreign.status == 403
        ending = live.token([mine], now - live.TOKEN_LIFE + timedelta(seconds=2))
        with stream(port, ending) as short:
            assert read_event(short) == ["event: renew", "data:"]
        started = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=12) is not None
        assert time.monotonic() - started < 4, "open streams must not hold it up"
    assert Heartbeat.objects.get(kind="live").stopped_at is not None


def test_what_waits_for_a_slow_client_is_bounded_by_its_token():
    hub = web_live.Hub()
    client = web_live.Client(live.Grant(topics=("a", "b"), until=0))
    hub.add(client)
    for _ in range(10_000):
        hub.tell("a b c")
    assert list(client.pending) == ["a", "b"]
    hub.remove(client)
    hub.tell("a")
    assert hub.clients == set()
    assert not hub._by_topic


@pytest.mark.parametrize(
    ("origin", "host", "expected"),
    [
        ("http://track.example:8000", "track.example:8001", True),
        ("https://evil.example", "track.example:8001", False),
        ("null", "track.example:8001", False),
        ("http://[::1]:8000", "[::1]:8001", True),
    ],
)
def test_a_page_may_read_the_stream_of_its_own_host(origin, host, expected):
    assert web_live.may_read(origin, host=host) is expected


def test_the_process_names_itself_anew_in_every_server():
    one, two = heartbeat.Beat(), heartbeat.Beat()
    one.start("live")
    two.start("live")
    assert one.instance != two.instance

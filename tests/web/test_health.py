"""Whether all is well: up or down for anyone, details for few, a page and an alarm for the IT admin (A05, T01, T11)."""

import json
import re
from datetime import timedelta

import pytest
from django.db import DatabaseError, OperationalError, connection, connections, transaction
from django.test import Client
from django.utils import timezone

from huoji.kit import health, heartbeat, ingest, mark, outbox, process, pulse
from huoji.kit.models import Heartbeat, IngestSlot
from huoji.web import health as web_health

STRANGER = {"REMOTE_ADDR": "203.0.113.9"}
TOKEN = "a-token-for-prometheus"


@pytest.fixture(autouse=True)
def _fresh(monkeypatch):
    monkeypatch.setattr(web_health, "_last_ping", (0.0, False))
    monkeypatch.setattr(ingest, "_tallies", {})
    monkeypatch.setattr(outbox, "_handlers", {})


def with_setting(settings, **changed):
    from dataclasses import replace

    settings.HUOJI = replace(settings.HUOJI, **changed)


def beat(kind, *, ago=timedelta(0), stopped=False, **counters):
    now = timezone.now()
    return Heartbeat.objects.create(
        instance=f"{kind}-{Heartbeat.objects.count()}",
        kind=kind,
        started_at=now - timedelta(hours=1),
        beat_at=now - ago,
        stopped_at=now - ago if stopped else None,
        counters=counters,
    )


@pytest.mark.django_db
class TestForAnyone:
    def test_a_stranger_learns_up_and_nothing_else(self, client):
        health.run_all(now=timezone.now())
        answer = client.get("/healthz", **STRANGER)
        assert (answer.status_code, answer.json()) == (200, {"status": "up"})

    def test_down_is_a_503(self, client, monkeypatch):
        def gone(*args, **kwargs):
            raise OperationalError("gone")

        monkeypatch.setattr(connections["default"], "cursor", gone)
        answer = client.get("/healthz", **STRANGER)
        assert (answer.status_code, answer.json()) == (503, {"status": "down"})

    def test_a_stranger_gets_no_metrics_and_no_page(self, client):
        assert client.get("/metrics", HTTP_ACCEPT="application/json", **STRANGER).json()["code"] == "forbidden"
        assert client.get("/app/health", **STRANGER)["Location"].startswith("/accounts/login/")


@pytest.mark.django_db
class TestForWhoMayKnow:
    def test_the_token_opens_details_and_metrics_from_anywhere(self, client, settings):
        with_setting(settings, metrics_token=TOKEN)
        health.run_all(now=timezone.now())
        answer = client.get("/healthz", headers={"Authorization": f"Bearer {TOKEN}"}, **STRANGER)
        assert answer.json()["checks"]["outbox"]["state"] == "ok"
        assert client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}, **STRANGER).status_code == 200
        assert client.get("/metrics", headers={"Authorization": "Bearer wrong"}, **STRANGER).status_code == 403

    def test_an_empty_token_setting_opens_nothing(self, client):
        assert client.get("/metrics", headers={"Authorization": "Bearer "}, **STRANGER).status_code == 403

    def test_loopback_counts_only_without_a_proxy(self, client, settings):
        assert client.get("/metrics").status_code == 200
        assert client.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 403
        with_setting(settings, public_url="https://track.example.com")
        assert client.get("/metrics").status_code == 403

    def test_metrics_add_up_all_processes_and_say_what_the_tables_say(self, client):
        now = timezone.now()
        beat("web", **{'huoji_http_requests_total{status="2xx"}': 3})
        beat("web", ago=timedelta(days=2), **{'huoji_http_requests_total{status="2xx"}': 4})
        process.retire(now=now)
        ingest.observe("gps-1", now=now, occurred=[now.timestamp() - 3], rejected=2)
        ingest.flush()
        text = client.get("/metrics").content.decode()
        assert 'huoji_http_requests_total{status="2xx"} 7\n' in text
        assert 'huoji_ingest_day{source="gps-1",result="rejected"} 2\n' in text
        assert 'huoji_ingest_lag_seconds{source="gps-1",quantile="0.95"} 5\n' in text
        assert "# TYPE huoji_http_requests_total counter\n" in text
        names = [line.partition(" ")[0] for line in text.splitlines() if not line.startswith("#")]
        assert len(names) == len(set(names))
        shape = re.compile(r'[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? (\+Inf|[-+.e0-9]+)')
        assert all(shape.fullmatch(line) for line in text.splitlines() if not line.startswith("#"))


@pytest.mark.django_db
@pytest.mark.req("A05")
def test_the_it_admin_sees_every_ingest_the_queue_the_backup_and_an_alarm_when_a_check_fails(client_of):
    now = timezone.now()
    it = client_of("it_admin")
    beat("web")
    beat("worker", ago=timedelta(minutes=5))
    ingest.observe(
        "gps-fresh", now=now, occurred=[now.timestamp() - 20, now.timestamp() + 900], duplicates=1, rejected=3
    )
    for slot in range(ingest.REGULAR_SLOTS):
        ingest.observe("kuaidi-silent", now=now - timedelta(days=2, minutes=5 * slot), accepted=1)
    ingest.observe("one-import", now=now - timedelta(days=3), accepted=5_000)
    ingest.flush()
    mark.put("backup", now=now - timedelta(hours=30), ok=True)
    health.run_all(now=now)
    page = it.get("/app/health", headers={"Accept-Language": "en"})
    text = " ".join(re.sub(r"<[^>]+>", " ", page.content.decode()).split())
    assert "System alarm" in text
    assert "The last backup is older than 26 hours" in text
    assert "A process no longer beats" in text
    assert re.search(r"gps-fresh OK .* ≤ 30 s ≤ 30 s 2 1 3 1", text)
    assert "kuaidi-silent Silent" in text
    assert "one-import OK" in text, "a file that was imported once raises no alarm"
    assert "A source has been silent for long" in text
    assert "Outbox OK" in text
    assert "waiting 0" in text


@pytest.mark.django_db
@pytest.mark.req("A05", part="the alarm stands on every workspace page of the IT admin and of nobody else")
def test_the_alarm_follows_the_it_admin_and_bothers_nobody_else(client_of, rf):
    from django.template.loader import render_to_string

    from huoji.core.permission import ANONYMOUS
    from huoji.web.context import Shell

    beat("worker", ago=timedelta(minutes=5))
    health.run_all(now=timezone.now())
    request = rf.get("/app/anything")
    for roles, expected in ((("it_admin",), True), (("cs_agent",), False)):
        request.actor = client_of(*roles).actor
        assert ("alert-danger" in render_to_string("partials/alarm.html", {"shell": Shell(request)})) is expected
    request.actor = ANONYMOUS
    assert "alert" not in render_to_string("partials/alarm.html", {"shell": Shell(request)})


@pytest.mark.django_db
def test_staff_without_the_permission_are_refused_the_page_and_its_button(client_of):
    other = client_of("cs_agent")
    assert other.get("/app/health").status_code == 403
    assert other.post("/app/health/outbox/1/retry").status_code == 403


@pytest.mark.django_db
def test_a_worker_that_checks_nothing_is_itself_the_alarm():
    now = timezone.now()
    health.run_all(now=now)
    assert health.alarms(now=now) == []
    (alarm,) = health.alarms(now=now + timedelta(minutes=3))
    assert alarm.name == "worker"


@pytest.mark.django_db
def test_since_tells_when_it_broke_and_a_raising_check_is_a_failed_check(monkeypatch):
    monkeypatch.setattr(health, "_checks", {})
    broken = False

    @health.check("test", "测试")
    def run(now):
        if broken:
            raise ValueError("收件人 13800138000")
        return health.Result(state=health.State.OK)

    start = timezone.now()
    health.run_all(now=start)
    broken = True
    health.run_all(now=start + timedelta(minutes=1))
    health.run_all(now=start + timedelta(minutes=2))
    (row,) = health.standings(now=start + timedelta(minutes=2))
    assert (row.state, row.since) == (health.State.FAIL, start + timedelta(minutes=1))
    assert row.figures == {"error": "ValueError: 收件人 *"}


@pytest.mark.django_db
def test_a_dead_message_is_shown_and_retried_by_a_button_and_that_is_on_record(client_of):
    @outbox.handler("test.dead")
    def fail(message):
        raise ValueError("no")

    with transaction.atomic():
        outbox.publish("test.dead", [1])
    for day in range(1, outbox.ATTEMPTS_MAX + 1):
        outbox.deliver_next(now=timezone.now() + timedelta(days=day))
    health.run_all(now=timezone.now())
    it = client_of("it_admin")
    assert "test.dead" in it.get("/app/health").content.decode()
    (dead,) = outbox.dead(limit=9)
    assert it.post(f"/app/health/outbox/{dead.id}/retry").status_code == 302
    assert outbox.dead(limit=9) == []
    assert it.post(f"/app/health/outbox/{dead.id}/retry").status_code == 404
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM accounts_audit WHERE verb = 'outbox.retry'")
        assert cursor.fetchone() == (1,)


@pytest.mark.django_db
@pytest.mark.req("T11")
def test_availability_and_ingest_lag_are_measured_and_shown(client_of):
    now = timezone.now().replace(minute=32, second=10)
    for minutes in range(0, 60, 5):
        slot_at = ingest.slot_of(now) - timedelta(minutes=minutes + 5)
        IngestSlot.objects.create(
            source=ingest.PROBE, slot_at=slot_at, accepted=10 if minutes else 5, last_seen_at=slot_at
        )
    for lag_s in (1, 1, 2, 45, 300):
        ingest.observe("gps-1", now=now, occurred=[now.timestamp() - lag_s])
    ingest.flush()
    service = ingest.service(now=now)
    assert service.lag_within_target == 0.8
    assert service.availability == pytest.approx((10 * 10 + 5) / 110)
    text = client_of("it_admin").get("/app/health").content.decode()
    assert "95.4%" in text or "可用率" in text
    (source,) = ingest.sources(now=now)
    assert (source.lag_p50_s, source.lag_p95_s) == (2.0, 300.0)


@pytest.mark.django_db
def test_a_process_that_said_goodbye_is_not_missing_and_a_replaced_one_neither():
    now = timezone.now()
    beat("live", stopped=True, ago=timedelta(minutes=2))
    assert process.missing_kinds(now=now) == []
    beat("web", ago=timedelta(minutes=2))
    assert process.missing_kinds(now=now) == ["web"]
    starting = beat("worker")
    starting.started_at = now - timedelta(seconds=5)
    starting.save()
    assert process.missing_kinds(now=now) == [], "the rest is still on its way"
    beat("web")
    assert process.missing_kinds(now=now) == []


@pytest.mark.django_db(transaction=True)
def test_a_process_beats_while_it_lives_and_says_goodbye(monkeypatch):
    monkeypatch.setattr(heartbeat, "BEAT_S", 0.02)
    monkeypatch.setattr(heartbeat, "BEAT", heartbeat.Beat())
    heart = pulse.Pulse()
    heart.start("web")
    heartbeat.count("huoji_test_total", 2)
    while not Heartbeat.objects.filter(counters__huoji_test_total=2).exists():
        pass
    heart.stop()
    row = Heartbeat.objects.get()
    assert row.kind == "web"
    assert row.stopped_at is not None


def test_a_proxy_asks_without_a_session_cookie_and_no_query_is_made_for_it(client: Client):
    """Nothing here may need the database beyond the ping: no `django_db` mark, so a query would fail the test."""
    web_health._last_ping = (1e12, True)
    assert client.get("/healthz", **STRANGER).json() == {"status": "up"}


@pytest.mark.django_db(transaction=True)
@pytest.mark.req("T01")
def test_what_comes_in_over_the_api_is_counted_once_its_lag_measured_and_a_wrong_clock_flagged(
    client, client_of, staff_key
):
    now = timezone.now()

    def post(path, body):
        return client.post(
            path, json.dumps(body), content_type="application/json", headers={"X-API-Key": staff_key}
        ).json()

    number = post("/api/v1/shipments", [{"line": "express"}])["items"][0]["number"]
    events = [
        {
            "number": number,
            "occurred_at": (now - timedelta(seconds=20)).isoformat(),
            "milestone": "picked_up",
            "id": "a",
        },
        {"number": number, "occurred_at": (now + timedelta(hours=9)).isoformat(), "milestone": "departed", "id": "b"},
        {"number": number, "occurred_at": "nonsense", "milestone": "departed", "id": "c"},
    ]
    told = post("/api/v1/events", events)
    assert [item["result"] for item in told["items"]] == ["accepted", "accepted", "rejected"]
    assert post("/api/v1/events", events[:2])["duplicate"] == 2
    shown = client.get("/api/v1/track", {"numbers": number}).json()["results"][0]["events"]
    assert len(shown) == 2, "what came twice is there once"
    assert "future" in json.dumps(shown), "a clock that runs ahead is said, not hidden"
    ingest.flush()
    (source,) = ingest.sources(now=timezone.now())
    assert (source.accepted, source.duplicates, source.rejected, source.skewed) == (2, 2, 1, 1)
    assert source.lag_p95_s == 30
    assert source.name in client_of("it_admin").get("/app/health").content.decode()


@pytest.mark.django_db
def test_what_was_counted_while_the_database_was_away_is_written_later(monkeypatch):
    now = timezone.now()
    ingest.observe("gps-1", now=now, occurred=[now.timestamp() - 3], duplicates=1)
    with monkeypatch.context() as away:
        away.setattr(ingest, "FLUSH_SQL", "SELECT %s, nonsense" + ", %s" * 8)
        with pytest.raises(DatabaseError), transaction.atomic():
            ingest.flush()
    ingest.observe("gps-1", now=now, occurred=[now.timestamp() - 100], rejected=2)
    ingest.flush()
    ingest.flush()
    (source,) = ingest.sources(now=now)
    assert (source.accepted, source.duplicates, source.rejected) == (2, 1, 2)
    assert (source.lag_p50_s, source.lag_p95_s) == (5, 120)

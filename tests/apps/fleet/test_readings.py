"""Readings of sensors through the API: judged item by item, kept once, in one unit, whoever comes first."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from huoji.apps.fleet.actions import readings as actions
from huoji.apps.fleet.models import Reading, Terminal
from huoji.apps.fleet.queries import readings
from huoji.core.fleet import Metric, TerminalKind, TerminalState
from huoji.core.permission import KeyScope
from huoji.kit import ingest
from huoji.kit.models import OutboxRow

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC).replace(microsecond=0)


def ago(**span):
    return (NOW - timedelta(**span)).isoformat()


@pytest.fixture
def report(make_staff, make_key):
    key = make_key(make_staff("dispatch").principal, KeyScope.READINGS_WRITE, source="coldbox")

    def send(*items, raw=None, content_type="application/json", key=key):
        body = raw if raw is not None else json.dumps(list(items))
        return Client().post(
            "/api/v1/readings", body, content_type=content_type, headers={"Authorization": f"Bearer {key}"}
        )

    return send


def item(**changed):
    return {"device": "BOX-7", "metric": "temperature", "value": 4.5, "at": ago(minutes=5)} | changed


@pytest.mark.req("I02", part="Sensor ingest for three and more metrics, each with its unit")
def test_three_metrics_are_taken_each_in_its_unit(report):
    told = report(
        item(value=39.2, unit="°F"), item(metric="humidity", value=61, unit="%"), item(metric="pressure", value=101.3, unit="kPa"),
        item(metric="door", value=1), item(metric="shock", value=2.5, unit="g"),
    ).json()  # fmt: skip
    assert (told["accepted"], told["rejected"]) == (5, 0)
    sensor = readings.sensor_named("BOX-7")
    latest = {each.metric: each.value for each in readings.latest(sensor.id, since=NOW - timedelta(days=1))}
    assert latest == {
        Metric.TEMPERATURE: 4.0, Metric.HUMIDITY: 61.0, Metric.PRESSURE: 1013.0, Metric.DOOR: 1.0, Metric.SHOCK: 2.5,
    }  # fmt: skip


def test_each_item_is_judged_by_itself_and_told_why(report):
    told = report(
        item(), item(metric="mood"), item(unit="furlong"), item(value=-400), item(at="yesterday"), item(at="2026-11-25T10:00:00"),
        item(at=(NOW + timedelta(hours=1)).isoformat()), item(at=ago(days=400)), item(device=" "), item(channel=300), {"device": "X"},
    ).json()  # fmt: skip
    assert [each.get("code", each["result"]) for each in told["items"]] == [
        "accepted", "unknown_metric", "unknown_unit", "value_out_of_range", "invalid_time", "invalid_time",
        "time_ahead", "too_old", "invalid_device", "invalid_device", "invalid_item",
    ]  # fmt: skip
    assert Reading.objects.count() == 1


def test_sending_again_changes_nothing_and_the_higher_of_two_values_stays(report):
    first = [item(value=value, at=ago(minutes=minute)) for minute, value in enumerate((4, 5, 6))]
    assert report(*first).json()["accepted"] == 3
    assert report(*first, first[0]).json()["duplicate"] == 4
    assert report(first[0] | {"value": 9}).json()["accepted"] == 1
    assert report(first[0] | {"value": 2}).json()["duplicate"] == 1
    assert sorted(Reading.objects.values_list("value", flat=True)) == [5, 6, 9]


def test_times_are_taken_with_an_offset_or_as_seconds_or_milliseconds(report):
    at = NOW - timedelta(minutes=30)
    texts = [at.isoformat(), int(at.timestamp()), int(at.timestamp()) * 1_000]
    told = report(*[item(at=each, channel=number) for number, each in enumerate(texts)]).json()
    assert told["accepted"] == 3
    assert set(Reading.objects.values_list("at", flat=True)) == {at}


def test_lines_of_json_are_taken_too(report):
    lines = "\n".join(json.dumps(item(at=ago(minutes=minute))) for minute in range(3))
    assert report(raw=lines, content_type="application/x-ndjson").json()["accepted"] == 3


def test_a_day_that_was_dark_is_stored_when_it_is_told(report):
    assert report(item(at=ago(days=90))).json()["accepted"] == 1


def test_a_blocked_sensor_and_that_of_another_are_refused(report, make_key):
    report(item())
    partner = make_key("partner:7", KeyScope.READINGS_WRITE)
    assert report(item(at=ago(minutes=1)), key=partner).json()["items"][0]["code"] == "device_refused"
    assert report(item(device="THEIRS"), key=partner).json()["accepted"] == 1
    assert Terminal.objects.get(number="THEIRS").owner == "partner:7"
    Terminal.objects.filter(number="BOX-7").update(state=TerminalState.BLOCKED.value)
    assert report(item(at=ago(minutes=1))).json()["items"][0]["code"] == "device_refused"


def test_nobody_takes_the_room_of_all_with_devices_he_invents(report, make_key, monkeypatch):
    monkeypatch.setattr(actions, "SENSORS_OF_OWNER_MAX", 2)
    partner = make_key("partner:7", KeyScope.READINGS_WRITE)
    told = report(*(item(device=f"INVENTED-{n}") for n in range(3)), key=partner).json()
    assert (told["accepted"], told["items"][2]["code"]) == (2, "device_refused")
    assert report(item(device="OURS"), item(device="OURS-2"), item(device="OURS-3")).json()["accepted"] == 3


def test_a_key_without_the_scope_is_refused(report, make_key):
    assert report(item(), key=make_key("partner:8", KeyScope.EVENTS_WRITE)).status_code == 403
    assert Client().post("/api/v1/readings", "[]", content_type="application/json").status_code == 401


def test_who_watches_a_sensor_is_told_once_a_batch_and_of_what_is_new_only(report):
    report(item(), item(device="BOX-8"))
    sensor = Terminal.objects.get(number="BOX-7")
    actions.set_watched([sensor.pk], watched=True)
    OutboxRow.objects.all().delete()
    report(item(at=ago(minutes=9)), item(at=ago(minutes=3)), item(device="BOX-8", at=ago(minutes=2)))
    [row] = OutboxRow.objects.all()
    assert (row.topic, row.ids) == ("fleet.readings", [sensor.pk])
    assert row.data["since"] == [int((NOW - timedelta(minutes=9)).timestamp())]
    report(item(at=ago(minutes=9)))
    assert OutboxRow.objects.count() == 1


def test_a_series_is_read_by_span(report):
    report(*[item(value=minute, at=ago(minutes=minute)) for minute in range(10)])
    sensor = readings.sensor_named("BOX-7")
    assert sensor.kind is TerminalKind.SENSOR
    found = readings.series(
        sensor.id, Metric.TEMPERATURE, since=NOW - timedelta(minutes=5), until=NOW - timedelta(minutes=1)
    )
    assert [each.value for each in found] == [5, 4, 3, 2]


@pytest.mark.req("I04", part="sensors")
def test_how_late_readings_come_is_measured_by_their_source(report, make_staff, make_key):
    key = make_key(make_staff("dispatch").principal, KeyScope.READINGS_WRITE, source="reefers")
    now = datetime.now(UTC)
    late, fresh = ((now - timedelta(seconds=seconds)).isoformat() for seconds in (1_200, 0))
    report(item(at=late), item(at=fresh), item(at="never"), key=key)
    ingest.flush()
    [source] = [each for each in ingest.sources(now=datetime.now(UTC)) if each.name == "reefers"]
    assert (source.accepted, source.rejected) == (2, 1)
    assert source.lag_p50_s <= 600 < source.lag_p95_s

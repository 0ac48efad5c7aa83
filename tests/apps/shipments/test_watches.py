"""Sensors that watch cargo: from a reading to alarm, exception, curve and table, and back."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from huoji.apps.accounts.models import AuditRow
from huoji.apps.fleet.models import Alarm
from huoji.apps.shipments.models import CargoException, Excursion, Unit, Watch
from huoji.core.permission import KeyScope
from huoji.kit import outbox

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC).replace(second=0, microsecond=0)


def settle():
    while outbox.deliver(now=datetime.now(UTC) + timedelta(days=1)):
        pass


@pytest.fixture
def desk(client_of):
    return client_of("dispatch", "cs_supervisor")


@pytest.fixture
def report(make_staff, make_key):
    key = make_key(make_staff("dispatch").principal, KeyScope.READINGS_WRITE, source="box")

    def send(*pairs, device="BOX-7", metric="temperature"):
        items = [
            {"device": device, "metric": metric, "value": value, "at": (NOW - timedelta(minutes=ago)).isoformat()}
            for ago, value in pairs
        ]
        answer = Client().post(
            "/api/v1/readings",
            json.dumps(items),
            content_type="application/json",
            headers={"Authorization": f"Bearer {key}"},
        )
        assert answer.json()["rejected"] == 0, answer.json()
        settle()

    return send


@pytest.fixture
def watch(desk, parcel):
    """Limits of 2 to 8 degrees, 20 minutes allowed, for the parcel."""

    def make(kind="waybill", number=parcel, **changed):
        since = timezone.localtime(NOW - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
        given = {
            "sensor": "BOX-7",
            "metric": "temperature",
            "low": 2,
            "high": 8,
            "allowed_min": 20,
            "margin": 0.5,
            "since": since,
        }
        answer = desk.post(reverse("watch-new", args=[kind, number]), given | changed)
        assert answer.status_code == 302, answer.content.decode()
        return Watch.objects.latest("pk")

    return make


@pytest.mark.req("I02")
def test_an_excursion_is_an_alarm_and_an_exception_with_its_minutes_and_is_over_when_it_is_back(
    watch, report, desk, parcel
):
    row = watch()
    watch(metric="humidity", low="", high=70)
    watch(metric="pressure", low=900, high=1_100)
    report((120, 5), (110, 5), (100, 9), (90, 9.5))
    report((120, 55), metric="humidity")
    report((120, 1_013), metric="pressure")
    assert not CargoException.objects.exists()  # outside, but not for long enough
    report((80, 9), (70, 9))
    exception = CargoException.objects.get()
    assert (exception.kind, exception.unit.number, exception.cleared_at) == ("temperature", parcel, None)
    assert (
        exception.facts | {"minutes_outside": 32, "worst": 9.5, "limit_high": 8, "sensor": "BOX-7"} == exception.facts
    )
    assert Alarm.objects.get(kind="temperature", cleared_at=None)
    report((60, 9), (50, 6), (40, 5))
    exception.refresh_from_db()
    assert exception.cleared_at is not None
    assert not Alarm.objects.filter(cleared_at=None).exists()
    page = desk.get(reverse("shipment", args=[parcel])).content.decode()
    assert page.count("<polyline") == 1  # the two others have one reading each
    assert "BOX-7" in page
    assert "hPa" in page
    detail = desk.get(reverse("watch", args=[row.pk])).content.decode()
    assert '<svg class="hj-curve"' in detail
    assert '<rect class="band"' in detail
    csv = desk.get(reverse("watch-export", args=[row.pk]))
    lines = csv.content.decode("utf-8-sig").splitlines()
    assert lines[0] == "time,temperature,unit,side,sensor"
    assert len(lines) == 1 + 9
    assert sum(",high," in line for line in lines) == 5
    assert AuditRow.objects.filter(verb="watch.export").count() == 1


def test_a_late_reading_is_folded_in_by_its_time(watch, report):
    watch()
    report((100, 9), (50, 9))  # fifty minutes apart: a gap of which nobody knows anything
    assert not Excursion.objects.exists()
    report((75, 9))
    assert Excursion.objects.get().ended_at is None
    report((90, 5), (60, 5))  # it was inside in between
    assert not Excursion.objects.exists()
    assert not CargoException.objects.filter(cleared_at=None).exists()


def test_an_excursion_that_comes_and_goes_within_one_batch_is_told_and_over(watch, report):
    watch()
    report(*[(120 - 10 * step, value) for step, value in enumerate((5, 9, 9, 9, 9, 5, 5))])
    assert CargoException.objects.get().cleared_at is not None
    assert Excursion.objects.get().ended_at is not None


def test_readings_that_came_before_the_watch_was_set_count(watch, report):
    report((60, 12), (50, 12), (40, 12), (30, 12))
    watch()
    settle()
    assert CargoException.objects.get().facts["minutes_outside"] == 30


def test_the_limit_of_a_container_counts_for_the_cargo_in_it(watch, report, carrier, desk):
    number = carrier.ship(line="ocean")
    holder = {"kind": "container", "number": "MSKU1234565"}
    carrier.report(number, "stuffed", hours_ago=20, holder=holder, place="上海港")
    settle()
    watch("container", "MSKU1234565")
    report((60, -20), (50, -20), (40, -20), (30, -20))
    assert Unit.objects.get(pk=CargoException.objects.get().unit_id).kind == "container"
    page = desk.get(reverse("shipment", args=[number])).content.decode()
    assert "MSKU1234565" in page
    assert 'class="hj-curve"' in page
    assert "温度超限" in page


def test_ending_a_watch_ends_what_is_open(watch, report, desk):
    row = watch()
    report((60, 12), (50, 12), (40, 12), (30, 12))
    desk.post(reverse("watch-end", args=[row.pk]))
    assert CargoException.objects.get().cleared_at is not None
    report((5, 12), (1, 12))
    row.refresh_from_db()
    assert not row.is_out


def test_a_limit_that_makes_no_sense_is_refused_on_the_form(desk, parcel):
    since = timezone.localtime(NOW).strftime("%Y-%m-%dT%H:%M")
    given = {"sensor": "BOX-7", "metric": "temperature", "low": 8, "high": 2, "allowed_min": 20, "since": since}
    answer = desk.post(reverse("watch-new", args=["waybill", parcel]), given)
    assert answer.status_code == 422
    assert "下限须低于上限" in answer.content.decode()


def test_only_who_may_set_limits_sets_them_and_only_who_may_export_exports(watch, client_of, parcel):
    row = watch()
    agent = client_of("cs_agent")
    assert agent.get(reverse("watch", args=[row.pk])).status_code == 200
    assert agent.get(reverse("watch-new", args=["waybill", parcel])).status_code == 403
    assert agent.post(reverse("watch-end", args=[row.pk])).status_code == 403
    assert agent.get(reverse("watch-export", args=[row.pk])).status_code == 403


def test_what_an_epcis_event_measured_of_a_watched_thing_becomes_readings(watch, make_staff, make_key):
    epc = "urn:epc:id:sgtin:4012345.011111.9876"
    key = make_key(make_staff("cs_chief_clerk", "dispatch").principal, KeyScope.EVENTS_WRITE, source="scanner")

    def capture(number, *values):
        elements = [
            {
                "sensorMetadata": {"time": (NOW - timedelta(minutes=60 - 10 * place)).isoformat(), "deviceID": "urn:epc:id:giai:4000001.111"},
                "sensorReport": [{"type": "Temperature", "value": value, "uom": "CEL"}, {"type": "Speed", "value": 160.0, "uom": "KMH"}],
            }
            for place, value in enumerate(values)
        ]  # fmt: skip
        event = {
            "type": "ObjectEvent", "eventID": f"urn:uuid:2d1c6a52-6a0e-4f43-9d0a-6a35b4d0a00{number}", "action": "OBSERVE",
            "eventTime": NOW.isoformat(), "eventTimeZoneOffset": "+00:00", "epcList": [epc], "sensorElementList": elements,
        }  # fmt: skip
        document = {
            "@context": ["https://ref.gs1.org/standards/epcis/epcis-context.jsonld"], "type": "EPCISDocument", "schemaVersion": "2.0",
            "creationDate": NOW.isoformat(), "epcisBody": {"eventList": [event]},
        }  # fmt: skip
        answer = Client().post(
            "/api/v1/epcis/capture",
            json.dumps(document),
            content_type="application/json",
            headers={"Authorization": f"Bearer {key}"},
        )
        assert answer.status_code == 202, answer.content
        settle()

    capture(1, 5)  # nobody watches yet: the event keeps it, and that is all
    row = watch("epc", Unit.objects.get(kind="epc").number)
    capture(2, 5, 12, 12, 12, 12)
    row.refresh_from_db()
    assert row.is_out
    assert CargoException.objects.get().facts["worst"] == 12

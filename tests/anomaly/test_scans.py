"""The scanner in a nervous hand, and the scans of others."""

from datetime import UTC, datetime, timedelta

import pytest

from huoji.apps.shipments.actions import scanning
from huoji.apps.shipments.actions.recording import Result
from huoji.apps.shipments.actions.scanning import Scan
from huoji.apps.shipments.models import Event, Unit
from huoji.kit.problem import Problem
from tests.anomaly.invariant import SHIPMENTS, send, stories_equal_events

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 11, 20, 9, 0, 0, tzinfo=UTC)


def test_the_same_beep_within_two_minutes_is_one_scan_unless_it_was_taken_back(staff_key, make_staff):
    send(staff_key, SHIPMENTS, [{"line": "express", "number": "BEEP1"}])
    courier = make_staff("courier")
    beep = Scan(stage="arrived", number="BEEP1", place="武汉")
    results = [scanning.scan(courier, beep, now=NOW + timedelta(seconds=s)).result for s in (0, 3, 60, 119)]
    assert results == [Result.ACCEPTED, *[Result.DUPLICATE] * 3]
    assert Event.objects.count() == 1
    first = Event.objects.get()
    scanning.undo(courier, unit_id=first.unit_id, event_id=first.id, now=NOW + timedelta(seconds=60))
    again = scanning.scan(courier, beep, now=NOW + timedelta(seconds=70))
    assert again.result is Result.ACCEPTED
    for vehicle in ("A1", "A2"):
        loaded = Scan(stage="loaded", number="BEEP1", place="武" * 100, vehicle=vehicle)
        assert scanning.scan(courier, loaded, now=NOW).result is Result.ACCEPTED
        assert scanning.scan(courier, loaded, now=NOW + timedelta(seconds=5)).result is Result.DUPLICATE
    stories_equal_events()


def test_a_scan_of_another_cannot_be_taken_back_by_its_id(staff_key, make_staff):
    send(staff_key, SHIPMENTS, [{"line": "express", "number": "BEEP2"}])
    one, other = make_staff("courier"), make_staff("courier")
    done = scanning.scan(one, Scan(stage="picked_up", number="BEEP2", place="武汉"), now=NOW)
    unit_id = Unit.objects.get(number="BEEP2").pk
    with pytest.raises(Problem) as refused:
        scanning.undo(other, unit_id=unit_id, event_id=done.event_id, now=NOW)
    assert refused.value.status == 404
    scanning.undo(one, unit_id=unit_id, event_id=done.event_id, now=NOW)
    assert stories_equal_events() == 1

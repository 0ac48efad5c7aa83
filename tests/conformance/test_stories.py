"""The stories of foreign documents, as far as the formats alone can tell them."""

import json
from datetime import datetime
from pathlib import Path

import pytest

from huoji.core.milestones import meaning
from huoji.core.milestones.text import read_text
from huoji.wire import dcsa, epcis, kuaidi100

STORIES = Path(__file__).parent / "stories"


def story(name):
    return json.loads((STORIES / f"{name}.json").read_text())


def clock(moment):
    return moment.replace(microsecond=0)


def test_the_parcel_is_told_as_its_story_has_it(foreign):
    told = story("kuaidi100_parcel")
    trace = kuaidi100.decode((foreign / told["document"]).read_bytes())
    assert trace.number == told["subject"]
    found = []
    for line in trace.lines:
        reading = read_text(line.context)
        found.append((line.time, reading.meaning.milestone, reading.place, reading.next_place))
    expected = [
        (entry["when"][:19].replace("T", " "), entry["milestone"], entry["place"], entry.get("next_place", ""))
        for entry in told["entries"]
    ]
    assert sorted(found) == sorted(expected)
    assert meaning("kuaidi100", trace.state).milestone == told["status"]


@pytest.mark.parametrize("name", ["epcis_object_event", "epcis_error_declaration", "epcis_aggregation"])
def test_an_epcis_document_is_told_as_its_story_has_it(foreign, name):
    told = story(name)
    events = epcis.decode((foreign / told["document"]).read_bytes()).events
    found = [
        (clock(event.event_time), meaning("epcis", event.code).milestone, event.read_point, event.code)
        for event in sorted(events, key=lambda event: event.event_time, reverse=True)
        if told["subject"] in epcis.subjects(event) and event.error is None
    ]
    assert found == [
        (datetime.fromisoformat(entry["when"]), entry["milestone"], entry["place"], entry["code"])
        for entry in told["entries"]
    ]


@pytest.mark.parametrize("name", ["dcsa_22_booking", "dcsa_30_booking", "dcsa_30_arrival", "dcsa_30_container"])
def test_a_dcsa_document_is_told_as_its_story_has_it(foreign, name):
    told = story(name)
    events = dcsa.decode((foreign / told["document"]).read_bytes()).events
    about = [event for event in events if told["subject"] in event.numbers("BKG", "TRD", "EQ")]
    if name == "dcsa_22_booking":  # the papers of the other numbers are theirs
        about = [event for event in about if event.document is None or event.document.value == told["subject"]]
    about.sort(key=lambda event: (event.event_time, event.code), reverse=True)
    found = [
        (event.event_time, event.classifier, meaning("dcsa", event.code).milestone, event.place.un_location_code, event.code)
        for event in about
    ]  # fmt: skip
    assert found == [
        (datetime.fromisoformat(entry["when"]), entry["classifier"], entry["milestone"], entry["place"], entry["code"])
        for entry in told["entries"]
    ]
    if vessel := told.get("vessel"):
        calls = [event.call for event in about if event.call is not None]
        assert {(call.vessel_name, call.vessel_imo) for call in calls} == {(vessel, told["imo"])}

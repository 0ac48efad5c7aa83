"""Track & Trace documents of both editions: what is read, what is refused and where."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huoji.wire import FormatError, dcsa
from tests.wire.documents import damaged, outcome


def old(**changed):
    told = {
        "eventID": "3cecb101-7a1a-43a4-9d62-e88a131651e2",
        "eventCreatedDateTime": "2026-01-09T14:12:56Z",
        "eventType": "TRANSPORT",
        "eventClassifierCode": "EST",
        "eventDateTime": "2026-01-20T08:00:00+08:00",
        "transportEventTypeCode": "ARRI",
        "delayReasonCode": "WEA",
        "transportCall": {
            "transportCallID": "call-1",
            "UNLocationCode": "CNSHA",
            "facilityCode": "YSCT",
            "facilityCodeListProvider": "SMDG",
            "modeOfTransport": "VESSEL",
            "importVoyageNumber": "2103N",
            "vessel": {"vesselIMONumber": "9321483", "vesselName": "Morning"},
        },
        "documentReferences": [{"documentReferenceType": "BKG", "documentReferenceValue": "B1"}],
        "references": [{"referenceType": "EQ", "referenceValue": "APZU4812090"}],
    } | changed
    return {name: value for name, value in told.items() if value is not ...}


def new(**changed):
    told = {
        "eventRouting": {"originatingParty": {"partyCode": "EXCO", "codeListProvider": "SMDG", "codeListName": "LCL"}},
        "eventID": "evt-1",
        "eventDateTime": "2026-01-20T14:15:00Z",
        "eventUpdatedDateTime": "2026-01-20T14:20:00Z",
        "eventLocation": {"locationName": "Yard", "UNLocationCode": "NLRTM", "facilityTypeCode": "DEPO", "geoCoordinate": {"latitude": "51.9", "longitude": "4.5"}},
        "eventClassification": {"eventTypeCode": "EQUIPMENT", "eventClassifierCode": "ACT", "equipmentEventTypeCode": "GTIN"},
        "equipmentDetails": {"equipmentReference": "APZU4812090", "emptyIndicatorCode": "EMPTY", "movementType": "EXPORT"},
        "shipmentDetails": {"documentReference": {"typeCode": "BKG", "reference": "B1"}},
    } | changed  # fmt: skip
    return {name: value for name, value in told.items() if value is not ...}


def read(value):
    return dcsa.decode(json.dumps(value).encode())


def fault(value):
    with pytest.raises(FormatError) as caught:
        read(value)
    return caught.value


def test_an_event_of_2_2_is_read():
    (found,) = read([old()]).events
    assert found.version is dcsa.Version.V22
    assert (found.code, found.classifier, found.delay_reasons) == ("ARRI", "EST", ("WEA",))
    assert found.event_time == datetime(2026, 1, 20, tzinfo=UTC)
    assert found.place.un_location_code == "CNSHA"
    assert found.place.facility_code == "YSCT"
    assert found.call is not None
    assert (found.call.vessel_imo, found.call.vessel_name, found.call.import_voyage) == ("9321483", "Morning", "2103N")
    assert found.numbers("BKG") == ("B1",)
    assert found.numbers("EQ") == ("APZU4812090",)


def test_an_event_of_3_0_is_read():
    (found,) = read({"events": [new()]}).events
    assert found.version is dcsa.Version.V30
    assert found.code == "GTIN/EMPTY/EXPORT"
    assert found.originator == dcsa.Party(code="EXCO", list_provider="SMDG", list_name="LCL")
    assert found.updated_at == datetime(2026, 1, 20, 14, 20, tzinfo=UTC)
    assert (found.place.latitude, found.place.longitude) == (51.9, 4.5)
    assert found.numbers("BKG", "EQ") == ("B1", "APZU4812090")


@pytest.mark.parametrize("value", [new(), [new()], {"events": [new()]}])
def test_an_event_may_come_alone_in_a_list_or_wrapped(value):
    assert len(read(value).events) == 1


def test_both_editions_may_share_a_list():
    assert [found.version for found in read([old(), new()]).events] == ["2.2", "3.0"]


def test_a_retraction_needs_nothing_but_the_id():
    (found,) = read([{"eventID": "evt-1", "isRetracted": True, "eventDateTime": "nonsense"}]).retractions
    assert found.event_id == "evt-1"
    assert read([new(isRetracted=False)]).retractions == ()


def test_an_event_without_id_is_named_by_its_content():
    (first,), (again,), (other,) = (
        read([old(eventID=..., **changed)]).events
        for changed in ({}, {"eventCreatedDateTime": "2026-02-01T00:00:00Z"}, {"eventClassifierCode": "ACT"})
    )
    assert first.id == again.id != other.id


@pytest.mark.parametrize(
    ("changed", "path"),
    [
        ({"eventID": 7}, ".eventID"),
        ({"eventID": "seven"}, ".eventID"),
        ({"eventType": "PARTY"}, ".eventType"),
        ({"eventClassifierCode": "MAYBE"}, ".eventClassifierCode"),
        ({"eventDateTime": "2026-01-20"}, ".eventDateTime"),
        ({"eventCreatedDateTime": ...}, ".eventCreatedDateTime"),
        ({"transportEventTypeCode": "SINK"}, ".transportEventTypeCode"),
        ({"transportCall": ...}, ".transportCall"),
        ({"transportCall": {"UNLocationCode": "XYABC"}}, ".transportCall.UNLocationCode"),
        ({"transportCall": {"UNLocationCode": "shanghai"}}, ".transportCall.UNLocationCode"),
        ({"transportCall": {"modeOfTransport": "HORSE"}}, ".transportCall.modeOfTransport"),
        ({"transportCall": {"vessel": {"vesselIMONumber": "12"}}}, ".transportCall.vessel.vesselIMONumber"),
        ({"eventType": "SHIPMENT", "shipmentEventTypeCode": "CONF"}, ".documentTypeCode"),
        ({"eventType": "EQUIPMENT", "equipmentEventTypeCode": "LOAD", "emptyIndicatorCode": "HALF"}, ".emptyIndicatorCode"),
        ({"references": [{"referenceType": "EQ"}]}, ".references[0].referenceValue"),
        ({"references": "EQ"}, ".references"),
    ],
)  # fmt: skip
def test_a_fault_of_2_2_is_told_with_its_path(changed, path):
    assert fault([old(), old(**changed)]).path == "$[1]" + path


@pytest.mark.parametrize(
    ("changed", "path"),
    [
        ({"eventID": ...}, ".eventID"),
        ({"eventID": ""}, ".eventID"),
        ({"eventUpdatedDateTime": ...}, ".eventUpdatedDateTime"),
        ({"isRetracted": "yes"}, ".isRetracted"),
        ({"eventClassification": {}}, ".eventClassification.eventTypeCode"),
        ({"eventClassification": {"eventTypeCode": "IOT", "eventClassifierCode": "ACT"}}, ".eventClassification.iotEventTypeCode"),
        ({"equipmentDetails": {"equipmentReference": "X" * 16}}, ".equipmentDetails.equipmentReference"),
        ({"equipmentDetails": ..., "shipmentDetails": ...}, ""),
        ({"eventLocation": {"geoCoordinate": {"latitude": "91"}}}, ".eventLocation.geoCoordinate.latitude"),
        ({"eventLocation": {"geoCoordinate": {"latitude": "nan"}}}, ".eventLocation.geoCoordinate.latitude"),
        ({"transportDetails": {"delayReasonCodes": "WEA"}}, ".transportDetails.delayReasonCodes"),
        ({"shipmentDetails": {"documentReference": {"typeCode": "BKG"}}}, ".shipmentDetails.documentReference.reference"),
    ],
)  # fmt: skip
def test_a_fault_of_3_0_is_told_with_its_path(changed, path):
    assert fault({"events": [new(), new(**changed)]}).path == "$.events[1]" + path


def test_what_is_no_event_is_refused_where_it_stands():
    assert fault([{"someEvents": [old()]}]).path == "$[0]"
    assert fault({"hello": 1}).path == "$"
    assert fault({"events": {}}).path == "$.events"


def test_the_sound_events_of_a_faulty_call_can_be_kept():
    document, faults = dcsa.decode_partly(json.dumps([old(), old(eventType="X"), new()]).encode())
    assert len(document.events) == 2
    assert [found.path for found in faults] == ["$[1].eventType"]


@given(st.binary(max_size=200))
def test_random_bytes_are_refused_in_our_own_words(data):
    assert outcome(dcsa.decode, data)


@given(damaged([old(), new()]))
def test_a_damaged_document_is_read_or_refused_but_never_breaks_us(data):
    assert outcome(dcsa.decode, data)

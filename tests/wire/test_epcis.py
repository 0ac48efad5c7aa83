"""EPCIS 2.0 documents: what is read, what is refused and where."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huoji.wire import MAX_DEPTH, FormatError, epcis
from tests.wire.documents import ANY_JSON, damaged, outcome

CRATE = "urn:epc:id:sscc:0614141.1234567890"
ITEMS = ["urn:epc:id:sgtin:0614141.107346.2017", "urn:epc:id:sgtin:0614141.107346.2018"]


def event(**changed):
    told = {
        "type": "ObjectEvent",
        "eventTime": "2026-03-01T23:30:00.123456789Z",
        "eventTimeZoneOffset": "+08:00",
        "epcList": ITEMS,
        "action": "OBSERVE",
        "bizStep": "shipping",
        "disposition": "in_transit",
        "readPoint": {"id": "urn:epc:id:sgln:0614141.07346.1234"},
        "bizLocation": {"id": "urn:epc:id:sgln:0614141.00888.0"},
        "bizTransactionList": [{"type": "po", "bizTransaction": "urn:x:1"}, {"bizTransaction": "urn:x:2"}],
        "sourceList": [{"type": "owning_party", "source": "urn:epc:id:pgln:4012345.00225"}],
        "sensorElementList": [
            {
                "sensorMetadata": {"time": "2026-03-01T23:30:00Z"},
                "sensorReport": [{"type": "Temperature", "value": 4.5, "uom": "CEL"}],
            }
        ],
        "my:note": {"my:deep": [1, "two"]},
    } | changed
    return {name: value for name, value in told.items() if value is not ...}


def document(*events, **changed):
    return {
        "@context": ["https://ref.gs1.org/standards/epcis/epcis-context.jsonld"],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-03-02T00:00:00Z",
        "epcisBody": {"eventList": list(events)},
    } | changed


def read(value):
    return epcis.decode(json.dumps(value).encode())


def only(value):
    (found,) = read(document(value)).events
    return found


def fault(value):
    with pytest.raises(FormatError) as caught:
        read(value)
    return caught.value


def test_an_object_event_is_read_with_the_time_of_its_place():
    found = only(event())
    assert found.event_time == datetime(2026, 3, 1, 23, 30, 0, 123456, tzinfo=UTC)
    assert found.event_offset_min == 480
    assert found.epcs == tuple(ITEMS)
    assert found.code == "shipping/in_transit"
    assert found.read_point == "urn:epc:id:sgln:0614141.07346.1234"
    assert [reference.type for reference in found.transactions] == ["po", ""]
    assert found.sensors[0].reports[0].value == 4.5
    assert found.extensions == {"my:note": {"my:deep": [1, "two"]}}


@pytest.mark.parametrize(
    "step",
    [
        "shipping",
        "cbv:BizStep-shipping",
        "https://ref.gs1.org/cbv/BizStep-shipping",
        "https://ns.gs1.org/cbv/BizStep-shipping",
        "urn:epcglobal:cbv:bizstep:shipping",
    ],
)
def test_every_long_form_of_a_step_comes_back_to_its_word(step):
    assert only(event(bizStep=step)).biz_step == "shipping"


@pytest.mark.parametrize("step", ["https://example.com/steps/hoisting", "my:hoisting", "urn:epcglobal:cbv:bizstep:hoisting", "https://evil.example/cbv/BizStep-shipping"])  # fmt: skip
def test_a_step_of_the_senders_own_is_kept_as_it_is(step):
    assert only(event(bizStep=step)).biz_step == step


@pytest.mark.parametrize(
    ("changed", "path"),
    [
        ({"bizStep": "hoisting"}, ".bizStep"),
        ({"bizStep": "SHIPPING"}, ".bizStep"),
        ({"disposition": "on_the_moon"}, ".disposition"),
        ({"action": "CREATE"}, ".action"),
        ({"action": ...}, ".action"),
        ({"type": "ThingEvent"}, ".type"),
        ({"eventTime": ...}, ".eventTime"),
        ({"eventTime": "2026-03-01T23:30:00"}, ".eventTime"),
        ({"eventTime": "2026-02-30T23:30:00Z"}, ".eventTime"),
        ({"eventTime": "0001-01-01T00:00:00+14:00"}, ".eventTime"),
        ({"eventTime": 1772407800}, ".eventTime"),
        ({"eventTimeZoneOffset": "+15:00"}, ".eventTimeZoneOffset"),
        ({"eventTimeZoneOffset": "Z"}, ".eventTimeZoneOffset"),
        ({"eventID": "no uri"}, ".eventID"),
        ({"epcList": "urn:x:1"}, ".epcList"),
        ({"epcList": ["urn:x:1", "bare"]}, ".epcList[1]"),
        ({"epcList": [], "sensorElementList": []}, ""),
        ({"parentID": CRATE}, ".parentID"),
        ({"note": "without namespace"}, ".note"),
        ({"readPoint": "urn:x:1"}, ".readPoint"),
        ({"readPoint": {}}, ".readPoint.id"),
        ({"quantityList": [{"epcClass": "urn:x:1", "quantity": "ten"}]}, ".quantityList[0].quantity"),
        ({"quantityList": [{"epcClass": "urn:x:1", "quantity": True}]}, ".quantityList[0].quantity"),
        ({"quantityList": [{"epcClass": "urn:x:1", "uom": "kg"}]}, ".quantityList[0].uom"),
        ({"sourceList": [{"source": "urn:x:1"}]}, ".sourceList[0].type"),
        ({"sourceList": [{"type": "place", "source": "urn:x:1"}]}, ".sourceList[0].type"),
        ({"ilmd": {"soil": "wet"}}, ".ilmd.soil"),
        ({"ilmd": {"my:lot": "7"}}, ".ilmd"),
        ({"epcList": ..., "readPoint": ...}, ""),
        ({"persistentDisposition": {"set": ["happy"]}}, ".persistentDisposition.set[0]"),
        ({"errorDeclaration": {"reason": "incorrect_data"}}, ".errorDeclaration.declarationTime"),
        ({"sensorElementList": [{}]}, ".sensorElementList[0].sensorReport"),
        ({"sensorElementList": [{"sensorReport": [{"value": "hot"}]}]}, ".sensorElementList[0].sensorReport[0].value"),
        ({"certificationInfo": ["no uri"]}, ".certificationInfo[0]"),
        ({"my:note": "a\x00b"}, None),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_its_path(changed, path):
    found = fault(document(event(), event(**changed)))
    assert found.path == (
        "$.epcisBody.eventList[1]" + path if path is not None else "$.epcisBody.eventList[1]['my:note']"
    )


@pytest.mark.parametrize(
    ("changed", "path"),
    [
        ({"@context": None}, "$.@context"),
        ({"@context": []}, "$.@context"),
        ({"type": "Letter"}, "$.type"),
        ({"schemaVersion": "1.2"}, "$.schemaVersion"),
        ({"creationDate": "yesterday"}, "$.creationDate"),
        ({"epcisBody": {}}, "$.epcisBody.eventList"),
        ({"sender": 7}, "$.sender"),
    ],
)
def test_a_fault_of_the_document_itself_is_told_with_its_path(changed, path):
    assert fault(document(event(), **changed)).path == path


@pytest.mark.parametrize(
    ("told", "path"),
    [
        ({"action": "ADD", "childEPCs": ITEMS}, ".parentID"),
        ({"action": "DELETE", "childEPCs": ITEMS}, ".parentID"),
        ({"action": "ADD", "parentID": CRATE}, ""),
        ({"action": "OBSERVE", "parentID": CRATE}, ""),
        ({"action": "OBSERVE"}, ""),
    ],
)
def test_an_aggregation_needs_the_sides_that_its_action_speaks_of(told, path):
    bare = {"type": "AggregationEvent", "eventTime": "2026-03-01T00:00:00Z", "eventTimeZoneOffset": "+08:00"}
    assert fault(document(bare | told)).path == "$.epcisBody.eventList[0]" + path


def test_each_faulty_event_is_told_once_and_the_sound_ones_can_be_kept():
    data = json.dumps(document(event(action="X", bizStep="Y"), event(), event(bizStep="Z"))).encode()
    with pytest.raises(FormatError) as caught:
        epcis.decode(data)
    assert [found.path for found in caught.value.faults] == [
        "$.epcisBody.eventList[0].action",
        "$.epcisBody.eventList[2].bizStep",
    ]
    kept, faults = epcis.decode_partly(data)
    assert len(kept.events) == 1
    assert len(faults) == 2


def test_a_single_event_and_a_list_are_read_too():
    assert len(read(event() | {"@context": "https://ref.gs1.org/standards/epcis/epcis-context.jsonld"}).events) == 1
    assert len(read([event(), document(event(), event())]).events) == 3
    assert fault([event(), document(event(action=...))]).path == "$[1].epcisBody.eventList[0].action"
    assert fault(event()).path == "$.@context"


def test_a_query_document_is_read_like_a_capture():
    told = document(type="EPCISQueryDocument", epcisBody={"queryResults": {"resultsBody": {"eventList": [event()]}}})
    assert len(read(told).events) == 1
    bare = {name: value for name, value in told.items() if name not in ("schemaVersion", "creationDate")}
    assert read(bare).created is None


def test_an_edition_may_be_written_as_a_number():
    assert read(document(event(), schemaVersion=2.0)).events


def test_deleting_names_no_children_to_mean_all_of_them():
    base = {"eventTime": "2026-03-01T00:00:00Z", "eventTimeZoneOffset": "+08:00", "action": "DELETE"}
    assert only(base | {"type": "AggregationEvent", "parentID": CRATE}).children == ()
    assert only(base | {"type": "TransactionEvent", "bizTransactionList": [{"bizTransaction": "urn:x:1"}]}).epcs == ()


def test_the_same_event_has_the_same_content_id_however_it_is_written():
    first = only(event())
    turned = dict(reversed(event(epcList=ITEMS[::-1], eventTime="2026-03-02T07:30:00.123456+08:00").items()))
    linked = event(epcList=["https://id.gs1.org/01/10614141073464/21/2018", "https://example.com/01/10614141073464/21/2017"])  # fmt: skip
    assert only(turned).content_id == first.content_id
    assert only(linked).content_id == first.content_id
    assert first.content_id.startswith("urn:huoji:epcis:sha256:")


@pytest.mark.parametrize("changed", [{"action": "DELETE"}, {"eventTime": "2026-03-01T23:30:01Z"}, {"epcList": ITEMS[:1]}, {"my:note": "x"}])  # fmt: skip
def test_another_event_has_another_content_id(changed):
    assert only(event(**changed)).content_id != only(event()).content_id


def test_an_error_declaration_names_the_event_it_repeats():
    wrong = only(event(errorDeclaration={"declarationTime": "2026-03-03T00:00:00Z", "reason": "did_not_occur"}, recordTime="2026-03-03T00:00:01Z"))  # fmt: skip
    assert wrong.error is not None
    assert wrong.id == only(event()).id


def test_an_event_is_about_all_that_it_names_and_says_what_holds_what():
    found = only({"type": "AggregationEvent", "eventTime": "2026-03-01T00:00:00Z", "eventTimeZoneOffset": "+08:00", "action": "DELETE", "parentID": CRATE, "childEPCs": ITEMS})  # fmt: skip
    assert epcis.subjects(found) == (CRATE, *ITEMS)
    assert epcis.containment(found) == epcis.Containment(
        parent=CRATE, children=tuple(ITEMS), action=epcis.Action.DELETE
    )
    assert epcis.transformation(found) is None
    assert epcis.containment(only(event())) is None


def test_a_transformation_ends_its_inputs_and_begins_its_outputs():
    base = {"type": "TransformationEvent", "eventTime": "2026-03-01T00:00:00Z", "eventTimeZoneOffset": "+08:00"}
    found = only(base | {"inputEPCList": ITEMS[:1], "outputEPCList": ITEMS[1:]})
    assert epcis.transformation(found) == epcis.Transformation(inputs=(ITEMS[0],), outputs=(ITEMS[1],))
    assert fault(document(base | {"inputEPCList": ITEMS})).path == "$.epcisBody.eventList[0]"
    assert only(base | {"inputEPCList": ITEMS, "transformationID": "urn:x:1"}).outputs == ()


@pytest.mark.parametrize(
    ("urn", "link", "kind"),
    [
        ("urn:epc:id:sscc:4012345.0000000333", "https://id.gs1.org/00/040123450000003338", "sscc"),
        ("urn:epc:id:sgtin:4012345.098765.a.b", "https://gs1.example.com/shop/01/04012345987652/21/a.b?x=1", "sgtin"),
        ("urn:epc:idpat:sgtin:4012345.098765.*", "https://id.gs1.org/01/4012345987652", "gtin"),
        ("urn:epc:id:sgln:4012345.00011.987", "https://id.gs1.de/414/4012345000115/254/987", "sgln"),
        ("urn:epc:id:sgln:4012345.00011.0", "https://id.gs1.de/414/4012345000115", "sgln"),
        ("urn:epc:id:grai:4012345.55555.987", "https://id.gs1.org/8003/04012345555554987", "grai"),
    ],
)
def test_both_forms_of_a_key_have_one_name(urn, link, kind):
    assert epcis.identify(urn).canonical == epcis.identify(link).canonical
    assert epcis.identify(urn).kind == epcis.identify(link).kind == kind


def test_the_check_digit_of_an_sscc_is_worked_out():
    assert epcis.identify("urn:epc:id:sscc:0614141.1234567890").number == "106141412345678908"


@given(st.text(max_size=60) | st.from_regex(r"urn:epc:(id|class|idpat):[a-z]{3,5}:[0-9.*a-z]{0,20}", fullmatch=True))
def test_naming_any_text_never_fails(text):
    assert epcis.identify(text).canonical or not text


@given(st.binary(max_size=200))
def test_random_bytes_are_refused_in_our_own_words(data):
    assert outcome(epcis.decode, data)


@given(damaged(document(event(), event(type="AggregationEvent", epcList=..., parentID=CRATE, childEPCs=ITEMS))))
def test_a_damaged_document_is_read_or_refused_but_never_breaks_us(data):
    assert outcome(epcis.decode, data)


@given(ANY_JSON)
def test_any_json_is_read_or_refused(value):
    assert outcome(epcis.decode, json.dumps(value).encode())


@pytest.mark.parametrize(
    "data",
    [
        b'{"my:a":' + b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1) + b"}",
        b"[" * 200_000,
        b'{"a":' * 100_000,
        b" " * (epcis.MAX_DOCUMENT_BYTES + 1),
        b'"\\ud800"',
        b"9" * 5000,
        b"1e999",
        b"\xff\xfe[\x00]\x00",
    ],
    ids=["deep", "deeper", "deep objects", "large", "surrogate", "long number", "huge number", "utf-16"],
)
def test_hostile_documents_are_refused(data):
    with pytest.raises(FormatError):
        epcis.decode(data)


def test_more_events_than_the_limit_are_refused():
    data = json.dumps(document(*[{"type": "x"}] * (epcis.MAX_EVENTS + 1))).encode()
    with pytest.raises(FormatError) as caught:
        epcis.decode(data)
    assert caught.value.code == "too_many"


def test_a_byte_order_mark_does_not_matter():
    assert epcis.decode(b"\xef\xbb\xbf" + json.dumps(document(event())).encode()).events

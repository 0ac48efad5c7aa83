"""Hostile and odd documents at the foreign doors: a clear refusal or a kept oddity, never a fault of ours."""

import json

import pytest

from tests.apps.shipments.foreign import ITEM, Caller, box, document, seen

pytestmark = pytest.mark.django_db(transaction=True)
DOORS = ("epcis/capture", "dcsa/events", "kuaidi100/trace")


@pytest.fixture
def staff(client, staff_key) -> Caller:
    return Caller(client, staff_key)


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    "body",
    [
        b"", b"null", b"[]", b"{}", b"[[]]", b"[1]", b'"x"', b"\xff\xfe", b"{" * 100_000, b"[" * 100_000, b"[]" * 2, b'{"a": 1e999}',
        b'{"nu": "\\ud800"}', b'{"nu": "\\u0000"}', b'{"events": [null, 1, [], {}]}', b'{"param": "{"}', b'{"nu": "1", "data": [null]}',
        b'{"type": "EPCISDocument"}', b"<xml/>", b'{"nu": ' + b"9" * 5_000 + b"}",
    ],
    ids=lambda body: repr(body[:20]),
)  # fmt: skip
def test_nonsense_is_refused_with_a_path_or_says_nothing(staff, door, body):
    answer = staff.send(door, body)
    assert answer.status_code in {200, 202, 400}, answer.content
    if answer.status_code == 400:
        assert answer.json()["code"] == "invalid_document"
        assert answer.json()["errors"][0]["path"].startswith("$")


@pytest.mark.parametrize("time", ["0001-01-01T00:30:00Z", "9999-12-31T23:59:59Z"])
def test_a_time_that_no_zone_can_show_is_refused(staff, time):
    event = seen("a", 1, "shipping", ITEM) | {"eventTime": time}
    refused = staff.send("epcis/capture", document(event))
    assert refused.json()["errors"][0]["path"] == "$.epcisBody.eventList[0].eventTime"
    assert staff.send("dcsa/events", box(1, "GTIN") | {"eventDateTime": time}).status_code == 400
    told = staff.send("events", {"number": "X1", "occurred_at": time, "milestone": "departed"}).json()
    assert told["items"][0]["code"] == "invalid_time"


@pytest.mark.parametrize("time", ["0002-01-01T00:30:00-10:00", "1986-11-20T00:00:00Z", "9998-12-31T23:59:59+14:00"])
def test_the_oddest_clock_that_can_be_shown_is_kept_and_flagged(staff, time):
    event = seen("a", 1, "shipping", ITEM) | {"eventTime": time, "eventTimeZoneOffset": "+14:00"}
    assert staff.send("epcis/capture", document(event)).status_code == 202
    assert staff.epc(ITEM)["events"][0]["flags"] in (["ancient"], ["future"])


def test_an_offset_that_no_place_has_is_kept_as_utc(staff):
    staff.ship("ODD1", ("container", "APZU4812090"))
    staff.send("dcsa/events", box(1, "GTIN") | {"eventDateTime": "2026-11-01T08:00:00+23:00"})
    [event] = staff.read("shipments/ODD1").json()["events"]
    assert event["occurred"]["at"] == "2026-10-31T09:00:00+00:00"


def test_a_name_too_long_for_a_key_of_gs1_is_refused_and_hostile_names_find_nothing(staff):
    long = f"https://example.com/{'x' * 200}"
    refused = staff.send("epcis/capture", document(seen("a", 1, "shipping", long)))
    assert [(e["path"], e["code"]) for e in refused.json()["errors"]] == [("$.epcisBody.eventList[0]", "too_long")]
    for epc, status in (("", 404), ("%", 404), ("x' OR 1=1 --", 404), ("y" * 2_000, 422), ("a\x00b", 422)):
        assert staff.read("epcis/epcs", epc=epc).status_code == status, epc
    assert staff.read("capture/999999999999999999999").status_code == 404


def test_markup_in_a_document_comes_back_as_text(staff):
    event = seen("a", 1, "shipping", ITEM, **{"example:note": "<script>alert(1)</script>"})
    staff.send("epcis/capture", document(event))
    answer = staff.read("epcis/epcs", epc=ITEM)
    assert answer["Content-Type"].startswith("application/json")
    assert json.loads(answer.content)["units"][0]["documents"] == [event]


def test_a_document_with_more_units_than_one_call_may_name_is_refused_whole(staff, monkeypatch):
    from huoji.apps.shipments.actions.foreign import capture

    monkeypatch.setattr(capture, "REPORTS_MAX", 3)
    many = seen("a", 1, "shipping", *(f"{ITEM}{index}" for index in range(4)))
    refused = staff.send("epcis/capture", document(many))
    assert (refused.status_code, refused.json()["code"]) == (413, "too_many_reports")
    assert staff.read("epcis/epcs", epc=f"{ITEM}0").status_code == 404

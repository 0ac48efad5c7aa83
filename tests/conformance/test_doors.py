"""Documents that others wrote go in through the doors, and the stories told of them are what comes out."""

import itertools
import json
from datetime import datetime
from pathlib import Path

import pytest

from huoji.core.permission import KeyScope
from huoji.wire import dcsa, epcis
from tests.conformance.test_documents import INVALID_EPCIS, epcis_files

pytestmark = pytest.mark.django_db(transaction=True)
STORIES = Path(__file__).parent / "stories"
EPCIS = ("epcis_object_event", "epcis_error_declaration", "epcis_aggregation")
DCSA = {
    "dcsa_22_booking": "booking",
    "dcsa_30_booking": "booking",
    "dcsa_30_arrival": "bill",
    "dcsa_30_container": "container",
}


@pytest.fixture
def key(make_staff, make_key):
    actor = make_staff("cs_chief_clerk", "cs_manager")
    return make_key(
        actor.principal, KeyScope.SHIPMENTS_READ, KeyScope.SHIPMENTS_WRITE, KeyScope.EVENTS_WRITE, source="partner"
    )


@pytest.fixture
def send(client, key):
    def post(path, body, **headers):
        data = body if isinstance(body, bytes) else json.dumps(body)
        return client.post(
            f"/api/v1/{path}",
            data,
            content_type="application/json",
            headers={"Authorization": f"Bearer {key}"} | headers,
        )

    return post


@pytest.fixture
def read(client, key):
    mine = key

    def get(path, *, key=mine, **query):
        return client.get(f"/api/v1/{path}", query, headers={"Authorization": f"Bearer {key}"})

    return get


def story(name):
    return json.loads((STORIES / f"{name}.json").read_text())


def shipment(send, number, *references, line="ocean"):
    body = {"line": line, "number": number, "references": [{"kind": k, "number": n} for k, n in references]}
    assert send("shipments", [body]).json()["accepted"] == 1


def clock(text):
    return datetime.fromisoformat(text)


def lines(answer):
    """Return what a story says of each entry, in an order that does not depend on ties."""
    return sorted(
        (clock(e["occurred"]["at"]), e["classifier"], e["milestone"], e["place"], e["reason"]) for e in answer["events"]
    )


def expected(told):
    return sorted(
        (clock(e["when"]), e["classifier"], e["milestone"], e["place"], e.get("reason", "")) for e in told["entries"]
    )


def milestones(answer):
    return [event["milestone"] for event in answer["events"]]


# ---- whole folders ---------------------------------------------------------------------------------------------------


def test_every_valid_epcis_document_is_captured_and_each_of_its_epcs_can_be_read(foreign, send, read, make_key):
    """Each comes from a source of its own: several samples give one event id to different events."""
    files = epcis_files(foreign, valid=True)
    for index, file in enumerate(files):
        key = make_key("partner:7", KeyScope.SHIPMENTS_READ, KeyScope.EVENTS_WRITE, source=f"sender{index}")
        captured = send("epcis/capture", file.read_bytes(), Authorization=f"Bearer {key}")
        assert captured.status_code == 202, (file.name, captured.content)
        job = read(captured["Location"].removeprefix("/api/v1/"), key=key).json()
        assert job["success"], (file.name, job)
        for event in epcis.decode(file.read_bytes()).events:
            for epc in epcis.subjects(event)[:2]:
                found = read("epcis/epcs", key=key, epc=epc)
                assert found.status_code == 200, (file.name, epc)
                assert dict(event.raw) in found.json()["units"][0]["documents"], (file.name, epc)
    assert len(files) >= 52


def test_every_valid_epcis_document_alone_is_captured_whole_and_again_changes_nothing(
    foreign, send, read, django_db_blocker
):
    for file in epcis_files(foreign, valid=True)[::4]:
        first = send("epcis/capture", file.read_bytes())
        again = send("epcis/capture", file.read_bytes())
        assert again.status_code == first.status_code, (file.name, again.content)
        if again.status_code == 202:
            counts = read(again["Location"].removeprefix("/api/v1/")).json()["counts"]
            assert counts["accepted"] == counts["revision"] == 0, (file.name, counts)


def test_every_invalid_epcis_document_is_refused_at_its_fault_and_leaves_nothing(foreign, send, read):
    found = {}
    for file in epcis_files(foreign, valid=False):
        answer = send("epcis/capture", file.read_bytes())
        assert answer.status_code == 400, file.name
        assert answer.json()["code"] == "invalid_document"
        found[file.stem] = answer.json()["errors"][0]["path"]
        if "capture" in answer.json():
            job = read(f"capture/{answer.json()['capture']}").json()
            assert not job["success"]
            assert job["errors"][0]["path"] == found[file.stem]
    assert found == INVALID_EPCIS


def test_every_dcsa_document_is_taken_and_again_changes_nothing(foreign, send):
    files = [file for file in sorted((foreign / "dcsa").glob("*.json")) if "wrong" not in file.name]
    assert len(files) == 7
    for file in files:
        first = send("dcsa/events", file.read_bytes())
        assert first.status_code == 200, (file.name, first.content)
        assert first.json()["rejected"] == 0
        again = send("dcsa/events", file.read_bytes()).json()
        assert again["duplicate"] == len(again["items"]) == len(dcsa.decode(file.read_bytes()).events)


@pytest.mark.parametrize(
    ("name", "paths", "sound"),
    [
        ("attribute-values", ["$[0].transportCall.location.UNLocationCode", "$[2].eventLocation.UNLocationCode"], True),
        ("event-ids", ["$[0].eventID", "$[1].eventID"], True),
        ("structure", ["$[0]", "$[1]"], True),
    ],
)
def test_a_faulty_dcsa_event_is_refused_with_its_path_and_the_others_are_kept(foreign, send, name, paths, sound):
    data = (foreign / "dcsa" / f"tnt-220-response-wrong-{name}.json").read_bytes()
    answer = send("dcsa/events", data)
    assert [error["path"] for error in answer.json()["errors"]] == paths
    kept = len(json.loads(data)) - len(paths)
    assert answer.status_code == (200 if kept else 400)
    if kept:
        assert len(answer.json()["items"]) == kept


# ---- the stories -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EPCIS)
def test_an_epcis_story_is_told_as_it_was_written(foreign, send, read, name):
    told = story(name)
    assert send("epcis/capture", (foreign / told["document"]).read_bytes()).status_code == 202
    answer = read("epcis/epcs", epc=told["subject"]).json()["units"][0]
    assert lines(answer) == expected(told)
    assert answer["status"] == told["status"]
    for event, entry in zip(answer["events"], told["entries"], strict=True):
        assert event["via"] == (epcis.identify(entry["via"]).canonical if "via" in entry else "")
    for other in told["others"]:
        found = read("epcis/epcs", epc=other["subject"]).json()["units"][0]
        assert (found["status"], milestones(found)) == (other["status"], other["milestones"])


@pytest.mark.parametrize("name", DCSA)
def test_a_dcsa_story_is_told_as_it_was_written(foreign, send, read, name):
    told = story(name)
    shipment(send, "SUBJECT", (DCSA[name], told["subject"]))
    kinds = {"APZU4812090": "container", "HHL71800000": "bill", "ABC709951": "booking"}
    for index, other in enumerate(told.get("others", ())):
        shipment(send, f"OTHER{index}", (kinds[other["subject"]], other["subject"]))
    assert send("dcsa/events", (foreign / told["document"]).read_bytes()).status_code == 200
    answer = read("shipments/SUBJECT").json()
    assert lines(answer) == expected(told)
    assert answer["status"] == told["status"]
    for index, other in enumerate(told.get("others", ())):
        found = read(f"shipments/OTHER{index}").json()
        assert sorted(milestones(found)) == sorted(other["milestones"])
        assert found["status"] == other.get("status", found["status"])


def test_the_parcel_of_kuaidi100_is_told_as_it_was_written(foreign, send, read):
    told = story("kuaidi100_parcel")
    shipment(send, told["subject"], line="express")
    assert send("kuaidi100/trace", (foreign / told["document"]).read_bytes()).status_code == 200
    answer = read(f"shipments/{told['subject']}").json()
    assert lines(answer) == expected(told)
    assert answer["status"] == told["status"]
    assert all(event["flags"] == ["inferred"] for event in answer["events"])
    assert all(event["occurred"]["offset_assumed"] for event in answer["events"])
    assert [e["next_place"] for e in answer["events"] if e["next_place"]] == [
        e["next_place"] for e in told["entries"] if "next_place" in e
    ]


@pytest.mark.parametrize(
    ("name", "asked", "line", "planned"),
    [("scms_late", "late_days", "road", "2008-07-10"), ("scms_on_time", "late_days", "ocean", "2012-12-20")],
)
def test_a_story_of_government_shipments_is_told_as_it_was_written(send, read, name, asked, line, planned):
    """The file itself goes in through the import; what its rows say is told here by events."""
    told = story(name)
    body = {"line": line, "number": told["subject"], "promised_at": planned}
    assert send("shipments", [body]).json()["accepted"] == 1
    number = told["subject"]
    events = [
        {"number": number, "occurred_at": e["when"], "milestone": e["milestone"], "place": e["place"]}
        for e in told["entries"]
    ]
    assert send("events", events).json()["accepted"] == len(events)
    answer = read(f"shipments/{number}").json()
    actual = [event for event in answer["events"] if event["classifier"] == "ACT"]
    assert [(e["occurred"]["at"], e["milestone"], e["place"]) for e in actual] == [
        (e["when"], e["milestone"], e["place"]) for e in told["entries"]
    ]
    assert answer["status"] == told["status"]
    assert answer["late_minutes"] // 1440 == told[asked]


# ---- in any order ----------------------------------------------------------------------------------------------------


def test_the_events_of_a_dcsa_document_tell_the_same_in_any_order_and_before_the_shipment(foreign, send, read):
    events = json.loads((foreign / "dcsa" / "tnt-300-response.json").read_text())["events"]
    answers = []
    for index, order in enumerate(itertools.islice(itertools.permutations(events), 0, 120, 23)):
        renamed = json.dumps(order).replace("ABC709951", f"BOOK{index}").replace("evt-", f"evt{index}-")
        for event in json.loads(renamed):
            assert send("dcsa/events", event).status_code == 200
        shipment(send, f"PERM{index}", ("booking", f"BOOK{index}"))
        answer = read(f"shipments/PERM{index}").json()
        answers.append((answer["status"], lines(answer)))
    assert len(answers[0][1]) == 2
    assert all(answer == answers[0] for answer in answers)

"""What a stranger, a partner or an outlet of elsewhere gets: the same answer as for what does not exist."""

import csv
import hashlib
import io
import logging

import pytest
from django.db import connection
from django.test import Client

from huoji.apps.accounts.models import AuditRow
from huoji.apps.places import actions as places
from huoji.apps.shipments.actions.importing import upload
from huoji.apps.shipments.api.shipments import PUBLIC_QUERIES
from huoji.apps.shipments.models import Event, FailedTry, Link
from huoji.core.permission import KeyScope
from tests.anomaly.invariant import EVENTS, SHIPMENTS, at_once, send, stories_equal_events
from tests.apps.shipments import desk_world
from tests.people import SYSTEM, WRITER

pytestmark = pytest.mark.django_db(transaction=True)
AT = "2026-11-20T09:00:00+08:00"
NAME, PHONE = "欧阳震华", "13977775821"


@pytest.fixture(autouse=True)
def _nobody_waits():
    PUBLIC_QUERIES.forget()


@pytest.fixture
def partners(make_key) -> tuple[str, str]:
    return tuple(make_key(f"partner:{index}", *WRITER, source=f"p{index}") for index in (1, 2))


def get(key: str, path: str, **query: str):
    return Client().get(path, query, headers={"Authorization": f"Bearer {key}"})


def without_id(answer) -> tuple[int, dict]:
    return answer.status_code, {k: v for k, v in answer.json().items() if k != "request_id"}


def event(number: str, milestone: str = "picked_up", **more) -> dict:
    return {"number": number, "occurred_at": AT, "milestone": milestone, **more}


def verify(number: str, digits: str, *, client: Client | None = None, **headers: str):
    return (client or Client()).post(f"/track/{number}/verify", {"last4": digits}, headers=headers)


# ---- partners --------------------------------------------------------------------------------------------------------


def test_what_is_another_partners_answers_as_what_does_not_exist(partners):
    mine, theirs = partners
    made = send(
        mine, SHIPMENTS, [{"line": "road", "number": "MINE1", "references": [{"kind": "customer", "number": "REF1"}]}]
    )
    assert made.json()["accepted"] == 1
    assert get(mine, "/api/v1/shipments/MINE1").status_code == 200
    assert get(mine, "/api/v1/shipments/REF1").status_code == 200
    nothing = without_id(get(theirs, "/api/v1/shipments/NOTHING1"))
    for number in ("MINE1", "REF1"):
        assert without_id(get(theirs, f"/api/v1/shipments/{number}")) == nothing
        assert get(theirs, f"/api/v1/shipments/{number}/events").status_code == 404
    told = send(theirs, EVENTS, [event("MINE1"), event("NOTHING1"), event("MINE1", "info", retracts="x")]).json()
    assert [item["result"] for item in told["items"]] == ["parked"] * 3
    by_reference = {"unit": {"kind": "customer", "number": "REF1"}, "occurred_at": AT, "milestone": "delivered"}
    assert send(theirs, EVENTS, [by_reference]).json()["parked"] == 1
    assert Event.objects.count() == 0
    assert send(mine, EVENTS, [by_reference]).json()["accepted"] == 1


def test_a_reference_that_another_uses_too_still_leads_each_to_his_own(partners):
    for index, key in enumerate(partners):
        shipment = {"line": "road", "number": f"OWN{index}", "references": [{"kind": "customer", "number": "PO-7"}]}
        assert send(key, SHIPMENTS, [shipment]).json()["accepted"] == 1
    by_reference = {"unit": {"kind": "customer", "number": "PO-7"}, "occurred_at": AT, "milestone": "picked_up"}
    for index, key in enumerate(partners):
        assert send(key, EVENTS, [by_reference]).json()["accepted"] == 1
        found = get(key, "/api/v1/shipments/PO7")
        assert found.status_code == 200, index
        assert [each["milestone"] for each in found.json()["events"]] == ["picked_up"]


def test_a_partner_ties_no_waybill_of_another_to_his_own(partners, staff_key):
    send(staff_key, SHIPMENTS, [{"line": "express", "number": "HOUSE1"}])
    linked = {"line": "express", "number": "EVIL1", "links": [{"relation": "return_of", "number": "HOUSE1"}]}
    assert send(partners[0], SHIPMENTS, [linked]).json()["accepted"] == 1
    assert Link.objects.count() == 0
    assert "EVIL1" not in Client().get("/track/HOUSE1").text
    own = {"line": "express", "number": "EVIL2", "links": [{"relation": "return_of", "number": "EVIL1"}]}
    send(partners[0], SHIPMENTS, [own])
    assert Link.objects.count() == 2


def test_a_partner_can_neither_take_a_number_nor_write_to_the_voyage_of_the_house(partners, staff_key, client):
    voyage = {"kind": "voyage", "number": "HOUSE/1"}
    send(staff_key, SHIPMENTS, [{"line": "ocean", "number": "HOUSE1"}])
    send(staff_key, EVENTS, [event("HOUSE1", "loaded", holder=voyage)])
    taken = send(partners[0], SHIPMENTS, [{"line": "ocean", "number": "HOUSE1", "goods": "x"}]).json()
    assert taken["items"][0]["code"] == "number_taken"
    told = {"unit": voyage, "occurred_at": "2026-11-21T00:00:00Z", "milestone": "arrived", "place": "NOWHERE"}
    assert send(partners[0], EVENTS, [told]).json()["accepted"] == 1  # of a voyage of his own
    assert "NOWHERE" not in client.get("/track/HOUSE1").text
    stories_equal_events()


def test_captures_and_epcs_of_another_are_not_found(partners):
    mine, theirs = partners
    epc = "urn:epc:id:sgtin:0614141.107346.2017"
    document = {
        "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"], "type": "EPCISDocument",
        "schemaVersion": "2.0", "creationDate": AT,
        "epcisBody": {"eventList": [{
            "type": "ObjectEvent", "action": "OBSERVE", "bizStep": "shipping", "eventTime": AT,
            "eventTimeZoneOffset": "+08:00", "epcList": [epc],
        }]},
    }  # fmt: skip
    taken = send(mine, "/api/v1/epcis/capture", document)
    assert taken.status_code == 202, taken.content
    job = taken["Location"]
    assert get(mine, job).status_code == 200
    assert without_id(get(theirs, job)) == without_id(get(theirs, "/api/v1/capture/999999"))
    assert get(mine, "/api/v1/epcis/epcs", epc=epc).status_code == 200
    assert get(theirs, "/api/v1/epcis/epcs", epc=epc).status_code == 404


# ---- the last four digits ----------------------------------------------------------------------------------------------


@pytest.fixture
def parcel(staff_key) -> str:
    party = {"role": "consignee", "name": NAME, "phone": PHONE, "address": "成都市锦江区春熙路1号2单元301室"}
    made = send(staff_key, SHIPMENTS, [{"line": "express", "number": f"LOCK{n}", "parties": [party]} for n in range(3)])
    assert made.json()["accepted"] == 3
    return "LOCK0"


def test_many_tries_at_one_moment_are_as_many_tries(parcel):
    digits = [f"{number:04}" for number in range(5810, 5830)]
    opened = at_once(*(lambda d=d: verify(parcel, d, client=Client(REMOTE_ADDR=f"10.9.0.{d[2:]}")) for d in digits))
    assert sum(answer.status_code == 302 for answer in opened) <= 1
    assert sum(answer.status_code != 302 and "后 4 位不对" in answer.text for answer in opened) == 5
    assert "试错的次数太多" in verify(parcel, PHONE[-4:], client=Client(REMOTE_ADDR="10.8.8.8")).text


def test_one_client_is_locked_over_many_waybills_and_a_made_up_header_does_not_free_him(parcel):
    liar = Client(REMOTE_ADDR="10.66.0.1")
    for turn in range(5):
        verify(f"LOCK{turn % 3}", "0000", client=liar, **{"X-Forwarded-For": f"10.1.1.{turn}", "X-Real-IP": "1.1.1.1"})
    answer = verify("LOCK2", PHONE[-4:], client=liar, **{"X-Forwarded-For": "10.1.1.99"})
    assert "试错的次数太多" in answer.text
    assert verify("LOCK2", PHONE[-4:], client=Client(REMOTE_ADDR="10.66.0.2")).status_code == 302
    assert not FailedTry.objects.filter(subject__contains="10.1.1.").exists()


def test_tries_on_numbers_that_do_not_exist_count_and_look_like_any_other(parcel):
    client = Client(REMOTE_ADDR="10.67.0.1")
    assert {verify(f"NONE{turn}", "1234", client=client).status_code for turn in range(5)} == {404}
    assert "试错的次数太多" in verify(parcel, PHONE[-4:], client=client).text


def test_the_right_digits_are_no_failed_try(parcel):
    client = Client(REMOTE_ADDR="10.68.0.1")
    assert {verify(parcel, PHONE[-4:], client=client).status_code for _ in range(8)} == {302}


def test_a_cookie_made_by_hand_opens_nothing(parcel):
    forger = Client()
    forger.cookies["huoji_seen"] = f"{parcel}:1uX:forged"
    assert "春熙路" not in forger.get(f"/track/{parcel}").text
    assert "欧" not in forger.get(f"/track/{parcel}").text.split("<main")[1].split("</main>")[0]


def test_numbers_of_our_own_cannot_be_counted_up(staff_key, client):
    made = send(staff_key, SHIPMENTS, [{"line": "express"}] * 40).json()
    given = [item["number"] for item in made["items"]]
    near = {f"HJ{int(number[2:]) + step:013}" for number in given for step in (-1, 1)} - set(given)
    found = []
    for start in range(0, len(near), 50):
        PUBLIC_QUERIES.forget()
        answer = client.get("/api/v1/track", {"numbers": ",".join(sorted(near)[start : start + 50])})
        found += [each for each in answer.json()["results"] if each["found"]]
    assert found == []


# ---- outlets, pictures, imports ----------------------------------------------------------------------------------------


@pytest.fixture
def world(db):
    return desk_world.build()


@pytest.fixture
def at_wuhan(client_of, world) -> Client:
    client = client_of("outlet")
    number = client.actor.principal.removeprefix("staff:")
    places.assign_staff(SYSTEM, site_id=world.sites["WUH"], staff_number=number)
    return client


def test_an_outlet_gets_of_elsewhere_what_it_gets_of_nothing(at_wuhan, client_of):
    everywhere = client_of("cs_supervisor")
    for path in (
        "/app/shipments/{}", "/app/shipments/{}/story", "/app/shipments/{}/label", "/app/shipments/{}/proof/" + "a" * 64,
        "/api/v1/shipments/{}", "/api/v1/shipments/{}/events",
    ):  # fmt: skip
        for number in ("HJSEA0001", "HJNOTHING"):
            assert at_wuhan.get(path.format(number)).status_code == 404, path
    for path in ("/app/shipments/{}", "/app/shipments/{}/story", "/api/v1/shipments/{}"):
        assert everywhere.get(path.format("HJSEA0001")).status_code == 200, path
    assert at_wuhan.get("/app/units/voyage/IMO9074729/025W").status_code == 404
    for text in ("COSU6100250", "HJSEA", "CSQU3054383", "IMO9074729"):
        assert "HJSEA0001" not in at_wuhan.get("/app/search", {"q": text}, headers={"HX-Request": "true"}).text
    token = at_wuhan.get("/app/shipments/HJEXP0001").text
    assert "data-live-token" in token


def test_an_export_holds_no_formula_and_no_whole_phone(client_of, staff_key, world):
    send(
        staff_key,
        SHIPMENTS,
        [{"line": "road", "number": "CALC1", "goods": '=HYPERLINK("http://evil")', "origin": "+1+1"}],
    )
    answer = client_of("cs_supervisor").post("/app/shipments/export", {"query": ""})
    text = (
        b"".join(answer.streaming_content).decode("utf-8-sig")
        if answer.streaming
        else answer.content.decode("utf-8-sig")
    )
    rows = list(csv.reader(io.StringIO(text)))
    assert any("CALC1" in cell for row in rows for cell in row)
    assert not [
        cell
        for row in rows
        for cell in row
        if cell[:1] in ("=", "+", "@") or (cell[:1] == "-" and not cell[1:].isdigit())
    ]
    assert "13812345678" not in text.replace(" ", "")


def test_a_file_of_an_import_is_not_served_by_its_hash_to_whom_it_does_not_belong(client_of, staff_key, parcel):
    data = f"number,name\nX1,{NAME}\n".encode()
    clerk = client_of("cs_supervisor")
    batch = upload(clerk.actor, name="orders.csv", data=data)
    sha = hashlib.sha256(data).hexdigest()
    for stranger in (Client(), client_of("courier")):
        for path in (f"/app/shipments/{parcel}/proof/{sha}", f"/track/{parcel}/proof/{sha}", f"/app/imports/{batch}"):
            assert stranger.get(path).status_code in {302, 403, 404}, path
    assert clerk.get(f"/app/imports/{batch}").status_code == 200


# ---- what is left behind -----------------------------------------------------------------------------------------------


def test_no_name_and_no_phone_of_a_request_stands_in_a_log(staff_key, parcel, client_of, caplog, capfd):
    caplog.set_level(logging.DEBUG, logger="huoji")
    agent = client_of("cs_agent")
    agent.get("/app/search", {"q": PHONE})
    agent.post("/app/search/people", {"q": PHONE}, headers={"HX-Request": "true"})
    agent.post("/app/search/people", {"q": NAME}, headers={"HX-Request": "true"})
    agent.post(f"/app/shipments/{parcel}/unmask", {"unmask-cause": "客户来电核对地址"})
    verify(parcel, PHONE[-4:])
    Client().get("/track", {"numbers": f"{NAME} {PHONE}"})
    party = {"role": "consignee", "name": NAME * 60, "phone": PHONE}
    send(
        staff_key,
        SHIPMENTS,
        [{"line": "road", "parties": [party]}, {"line": "road", "customer": NAME, "remark": PHONE}],
    )
    send(staff_key, EVENTS, [event(parcel, "exception", text=f"致电{PHONE}，{NAME}不在", signed_by=NAME)])
    send(staff_key, EVENTS, f'[{{"number": "{NAME}{PHONE}'.encode())
    out, err = capfd.readouterr()
    written = out + err + "\n".join(str(vars(record)) for record in caplog.records if record.name.startswith("huoji"))
    assert "huoji.access" in written
    assert PHONE not in written
    assert NAME not in written
    with connection.cursor() as cursor:
        for table in ("kit_outbox", "story", "accounts_auditrow", "event", "kit_idempotencyrow"):
            cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [table])
            if cursor.fetchone()[0]:
                cursor.execute(f"SELECT count(*) FROM {table} t WHERE t::text LIKE %s", [f"%{PHONE}%"])
                assert cursor.fetchone() == (0,), table


def test_each_unmasking_and_each_search_for_a_person_is_a_row(client_of, parcel):
    agent = client_of("cs_agent")
    before = AuditRow.objects.count()
    assert PHONE in agent.post(f"/app/shipments/{parcel}/unmask", {"unmask-cause": "客户来电核对地址"}).text
    agent.post(f"/app/shipments/{parcel}/unmask", {"unmask-cause": "客户再次来电"})
    agent.post("/app/search/people", {"q": PHONE}, headers={"HX-Request": "true"})
    rows = list(AuditRow.objects.order_by("id")[before:].values_list("verb", "target"))
    assert [target for verb, target in rows if "unmask" in verb] == [f"waybill:{parcel}"] * 2
    assert len([verb for verb, _ in rows if "search" in verb or "look" in verb]) == 1
    assert PHONE not in str(rows)
    refused = agent.post(f"/app/shipments/{parcel}/unmask", {"unmask-cause": ""})
    assert PHONE not in refused.text


def test_a_key_without_the_scope_reads_and_writes_nothing(make_key):
    reader, writer = make_key("partner:5", KeyScope.SHIPMENTS_READ), make_key("partner:5", KeyScope.EVENTS_WRITE)
    assert send(reader, EVENTS, [event("X1")]).status_code == 403
    assert get(writer, "/api/v1/shipments/X1").status_code == 403
    assert send("hj_00000000_forged", EVENTS, [event("X1")]).status_code == 401

"""The pages of the warehouse: scan, stock, shelves, counts, discrepancies and anomalies, each as its people use them."""

import io
import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from huoji.apps.places import actions as places
from huoji.apps.warehouse import jobs
from huoji.apps.warehouse.models import Anomaly, Discrepancy
from huoji.core.permission import system
from huoji.kit import blob, outbox
from tests.stores import ago

pytestmark = pytest.mark.django_db(transaction=True)


def photo() -> SimpleUploadedFile:
    """A photo that tells where it was taken."""
    picture = io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "SPY CAMERA"
    Image.new("RGB", (40, 30), "white").save(picture, "JPEG", exif=exif)
    return SimpleUploadedFile("p.jpg", picture.getvalue(), content_type="image/jpeg")


def send(client, *items, who="staff:W2", sent_at=None, status=200):
    body = {"sent_at": sent_at or datetime.now(UTC).isoformat(), "who": who, "items": list(items)}
    answer = client.post(
        "/app/storage/scan/send",
        json.dumps(body),
        content_type="application/json",
        headers={"Accept": "application/json"},
    )
    assert answer.status_code == status, answer.content
    return answer.json()


def scan(verb, number, *, minutes_ago=0.0, **more):
    return {"id": str(uuid4()), "verb": verb, "number": number, "site": "SHA-WH", "at": ago(minutes_ago), **more}


def report(client, number, kind="damage", **more):
    told = {
        "key": str(uuid4()), "who": "staff:W2", "number": number, "site": "SHA-WH", "kind": kind, "pieces": "2",
        "note": "外箱压破", "at": ago(3), "sent_at": datetime.now(UTC).isoformat(), **more,
    }  # fmt: skip
    return client.post("/app/storage/scan/anomaly", {**told, "photo": [photo()]}).json()


def relay():
    while outbox.deliver(now=datetime.now(UTC) + timedelta(seconds=1)):
        pass


@pytest.mark.req("A04")
def test_the_warehouse_records_in_place_and_out_and_answers_what_customer_service_asks_of_it(clerk, client_of, carrier):
    number = carrier.ship()
    send(clerk, scan("in", number, minutes_ago=9), scan("locate", number, minutes_ago=8, location="A-01-01"))
    for asks in (clerk, client_of("cs_agent")):
        [there] = asks.get(f"/app/storage/goods/{number}").context["found"].present
        assert (there.site, there.location) == ("上海仓库", "A-01-01")
    send(clerk, scan("out", number, minutes_ago=1))
    [gone] = client_of("cs_agent").get(f"/app/storage/goods/{number}").context["found"].stays
    assert gone.since < gone.until
    report(clerk, number, kind="shortage")
    anomaly = Anomaly.objects.get()
    clerk.post(f"/app/storage/anomalies/{anomaly.pk}/conclude", {"finding": "发货时已少", "cause": "third_party"})
    told = client_of("cs_agent").get(f"/app/exceptions/{anomaly.exception_id}").content.decode()
    assert "发货时已少" in told
    for role in ("outlet", "dispatch", "cs_agent", "finance"):
        assert client_of(role).get("/app/storage/scan").status_code == 403
        assert client_of(role).post("/app/storage/scan/send").status_code == 403


def test_a_queue_of_scans_goes_in_once_however_often_it_is_sent(clerk, carrier):
    number = carrier.ship()
    queue = [
        scan("in", number, minutes_ago=9), scan("locate", number, minutes_ago=8, location="A-01-01"),
        scan("out", "NOBODY1", minutes_ago=1), scan("locate", number, location="Q-9"),
    ]  # fmt: skip
    first = send(clerk, *queue)["items"]
    assert [item["result"] for item in first] == ["accepted", "accepted", "accepted", "rejected"]
    assert first[2]["flags"] == ["out_without_in"]
    assert first[2]["known"] is False
    assert first[3]["text"] == "本站点没有这个库位，请先设置库位或扫描别的库位"
    again = send(clerk, *reversed(queue))["items"]
    assert [item["result"] for item in again] == ["rejected", "duplicate", "duplicate", "duplicate"]
    page = clerk.get(f"/app/storage/goods/{number}").content.decode()
    assert page.count("A-01-01") >= 2


def test_nobodys_scans_go_in_under_another_name(clerk):
    refused = send(clerk, scan("in", "X1"), who="staff:9001", status=409)
    assert refused["code"] == "other_person"


def test_a_device_whose_clock_is_wrong_is_put_right(clerk, carrier):
    number = carrier.ship()
    wrong = datetime.now(UTC) + timedelta(days=40)
    item = scan("in", number) | {"at": (wrong - timedelta(minutes=5)).isoformat()}
    assert send(clerk, item, sent_at=wrong.isoformat())["items"][0]["result"] == "accepted"
    stay = clerk.get(f"/app/storage/goods/{number}").context["found"].stays[0]
    assert abs((datetime.now(UTC) - stay.since) - timedelta(minutes=5)) < timedelta(seconds=30)


@pytest.mark.parametrize(
    "body", [b"", b"[]", b'{"sent_at": "x", "who": "staff:W2", "items": []}', b"\xff", b'{"items": 7}']
)
def test_what_is_no_queue_is_refused(clerk, body):
    assert clerk.post("/app/storage/scan/send", body, content_type="application/json").status_code in {400, 422}


def test_it_works_without_javascript(clerk, carrier):
    number = carrier.ship()
    done = clerk.post("/app/storage/scan", {"verb": "in", "site": "SHA-WH", "number": number, "location": "b"})
    assert f"{number} 入库" in done.content.decode()
    wrong = clerk.post("/app/storage/scan", {"verb": "locate", "site": "SHA-WH", "number": number})
    assert wrong.status_code == 422
    assert "请先扫描库位" in wrong.content.decode()


@pytest.mark.req(
    "G02",
    part="photos, alert to customer service, exception and investigation task at once; time to notice; no case yet",
)
@pytest.mark.req("G03")
def test_damage_is_before_customer_service_at_once_and_the_warehouse_looks_into_it(
    clerk, client_of, carrier, keeper, make_staff
):
    number = carrier.ship()
    send(clerk, scan("in", number, minutes_ago=9))
    told = report(clerk, number)
    assert told["result"] == "accepted"
    anomaly = Anomaly.objects.get()

    agent = client_of("cs_agent")
    worklist = agent.get("/app/exceptions/").content.decode()
    assert number in worklist
    assert "货损" in worklist
    exception = agent.get(f"/app/exceptions/{anomaly.exception_id}").content.decode()
    assert f"/picture/{anomaly.blobs[0]}" in exception
    with blob.open(anomaly.blobs[0]) as kept:
        assert not Image.open(io.BytesIO(kept.read())).getexif()
    answer = keeper.ask(number)
    assert [stay["site"] for stay in answer["present"]] == ["SHA-WH"]
    [answered] = answer["anomalies"]
    assert (answered["kind"], answered["pieces"], answered["noticed_at"]) == ("damage", 2, None)

    agent.post(f"/app/exceptions/{anomaly.exception_id}/acknowledge", {"take-note": ""})
    relay()
    anomaly.refresh_from_db()
    assert anomaly.noticed_by == agent.actor.principal
    assert 180 <= (anomaly.noticed_at - anomaly.discovered_at).total_seconds() < 240
    assert "从发现到客服受理" in clerk.get("/app/storage/anomalies/").content.decode()

    clerk.post(f"/app/storage/anomalies/{anomaly.pk}/take")
    missing = clerk.post(f"/app/storage/anomalies/{anomaly.pk}/conclude", {"finding": " ", "cause": ""})
    assert missing.status_code == 422
    clerk.post(f"/app/storage/anomalies/{anomaly.pk}/conclude", {"finding": "叉车撞击", "cause": "handling"})
    assert "叉车撞击" in agent.get(f"/app/exceptions/{anomaly.exception_id}").content.decode()
    agent.post(f"/app/exceptions/{anomaly.exception_id}/clear", {"clear-cause": "handling", "clear-note": "已赔付"})
    relay()
    assert not keeper.ask(number)["anomalies"]
    page = clerk.get(f"/app/storage/anomalies/{anomaly.pk}").content.decode()
    assert "已结案" in page


def test_a_colleague_of_the_warehouse_who_takes_it_up_is_not_customer_service(clerk, carrier):
    report(clerk, carrier.ship())
    anomaly = Anomaly.objects.get()
    clerk.post(f"/app/exceptions/{anomaly.exception_id}/acknowledge", {"take-note": ""})
    relay()
    anomaly.refresh_from_db()
    assert anomaly.noticed_at is None


def test_an_anomaly_sent_twice_is_one_and_one_without_a_shipment_waits_for_it(clerk, carrier):
    key = str(uuid4())
    for _ in range(2):
        assert report(clerk, "LATER991", kind="loss", key=key)["result"] == "accepted"
    assert Anomaly.objects.get().exception_id is None
    carrier.ship(number="LATER991")
    jobs.join(datetime.now(UTC))
    assert Anomaly.objects.get().exception_id is not None


@pytest.mark.parametrize(
    "told", [{"kind": "fire"}, {"site": "CAN-WH"}, {"key": "x"}, {"at": "never"}, {"number": ""}], ids=str
)
def test_an_anomaly_that_cannot_be_taken_says_why(clerk, told):
    answer = report(clerk, **({"number": "X1"} | told))
    assert answer["result"] == "rejected"
    assert answer["text"]
    assert not Anomaly.objects.exists()


def test_shelves_are_pasted_printed_and_closed_when_empty(clerk, carrier, client_of):
    page = clerk.post("/app/storage/shelves/SHA-WH", {"text": "C-01~02-1~3\nD"})
    assert page.status_code == 302
    wrong = clerk.post("/app/storage/shelves/SHA-WH", {"text": "C-09 到处乱放"})
    assert wrong.status_code == 422
    assert "到处乱放" in wrong.content.decode()
    assert "C-09" not in [row.code for row in stored(clerk)]
    assert "C-02-3" in clerk.get("/app/storage/shelves/SHA-WH/labels?area=C").content.decode()
    send(clerk, scan("in", carrier.ship(), location="D"))
    shelf = next(row for row in stored(clerk) if row.code == "D")
    clerk.post(f"/app/storage/shelves/SHA-WH/{shelf.id}/toggle", {"to": "close"})
    assert next(row for row in stored(clerk) if row.code == "D").is_active
    empty = next(row for row in stored(clerk) if row.code == "C-01-1")
    clerk.post(f"/app/storage/shelves/SHA-WH/{empty.id}/toggle", {"to": "close"})
    assert send(clerk, scan("in", "X9", location="C-01-1"))["items"][0]["code"] == "unknown_location"
    assert clerk.get("/app/storage/shelves/CAN-WH").status_code == 404
    assert client_of("cs_agent").get("/app/storage/shelves/SHA-WH").status_code == 403


def stored(clerk):
    return [row for _, rows in clerk.get("/app/storage/shelves/SHA-WH").context["areas"] for row in rows]


def test_a_count_finds_what_is_missing_misplaced_and_too_many(clerk, carrier):
    right, gone, moved, extra, elsewhere = (carrier.ship() for _ in range(5))
    send(
        clerk,
        *(scan("in", number, minutes_ago=60, location="A-01-01") for number in (right, gone, moved)),
        scan("in", elsewhere, minutes_ago=60, location="B"),
    )
    opened = clerk.post("/app/storage/counts/", {"site": "SHA-WH", "area": "A"})
    sheet = int(opened["Location"].rpartition("/")[2])
    assert "该区域正在盘点" in clerk.post("/app/storage/counts/", {"site": "SHA-WH", "area": "A"}).content.decode()
    send(
        clerk,
        scan("count", right, count=sheet, location="A-01-01"), scan("count", moved, count=sheet, location="A-02-02"),
        scan("count", extra, count=sheet), scan("count", elsewhere, count=sheet),
    )  # fmt: skip
    late = scan("count", gone, count=sheet)  # scanned in time, but the handheld has no network
    clerk.post(f"/app/storage/counts/{sheet}/close")
    kinds = dict(Discrepancy.objects.filter(state="open").values_list("goods__number", "kind"))
    assert kinds == {gone: "missing", moved: "misplaced", extra: "unexpected", elsewhere: "misplaced"}
    assert send(clerk, scan("count", right, count=sheet))["items"][0]["code"] == "count_closed"
    send(clerk, late)
    assert gone not in dict(Discrepancy.objects.filter(state="open").values_list("goods__number", "kind"))
    assert "盘点多出" in clerk.get(f"/app/storage/counts/{sheet}").content.decode()


def test_a_discrepancy_is_settled_with_a_note_or_becomes_a_loss_that_customer_service_sees(clerk, carrier, client_of):
    one, other = carrier.ship(), carrier.ship()
    send(clerk, scan("out", one), scan("out", other))
    page = clerk.get("/app/storage/discrepancies/").content.decode()
    assert one in page
    first = Discrepancy.objects.get(goods__number=one)
    clerk.post(f"/app/storage/discrepancies/{first.pk}", {"note": "入库漏扫"})
    second = Discrepancy.objects.get(goods__number=other)
    clerk.post(f"/app/storage/discrepancies/{second.pk}", {"note": "找不到", "anomaly": "loss"})
    assert clerk.get(f"/app/storage/discrepancies/{first.pk}").status_code == 404
    assert not Discrepancy.objects.filter(state="open").exists()
    assert other in client_of("cs_agent").get("/app/exceptions/?kind=loss").content.decode()


@pytest.mark.req(
    "A04", part="the warehouse answers what is asked of it: records, place and what is wrong, of its own sites"
)
def test_stock_shows_own_sites_with_dwell_and_finds_by_number(clerk, client_of, carrier, settings):
    old, new = carrier.ship(), carrier.ship()
    send(clerk, scan("in", old, minutes_ago=73 * 60, location="B"), scan("in", new, minutes_ago=5))
    page = clerk.get("/app/storage/").content.decode()
    assert page.index(old) < page.index(new)
    assert [row.number for row, _ in clerk.get("/app/storage/?overdue=on").context["rows"]] == [old]
    assert [row.number for row, _ in clerk.get("/app/storage/?unshelved=on").context["rows"]] == [new]
    assert [row.number for row, _ in clerk.get(f"/app/storage/?text={new}").context["rows"]] == [new]
    assert clerk.get("/app/storage/goods/-", {"q": old}, follow=True).context["found"].number == old
    canton = client_of("warehouse", number="W7")
    assert not canton.get("/app/storage/").context["rows"]
    assert canton.get(f"/app/storage/goods/{old}").status_code == 404
    agent = client_of("cs_agent")
    assert agent.get(f"/app/storage/goods/{old}").status_code == 200
    assert f"/app/storage/panel/{old}" in agent.get(f"/app/shipments/{old}").content.decode()
    assert "上海仓库" in agent.get(f"/app/storage/panel/{old}").content.decode()


def test_one_takes_back_his_own_movement_and_a_colleague_who_manages_the_warehouse_too(
    clerk, client_of, carrier, sites
):
    number = carrier.ship()
    send(clerk, scan("in", number))
    row = clerk.get(f"/app/storage/goods/{number}").context["found"].movements[0]
    assert client_of("it_admin").post(f"/app/storage/movements/{row.id}/undo").status_code == 403
    stranger, colleague = client_of("warehouse", number="W8"), client_of("warehouse", number="W9")
    places.assign_staff(system("tests"), site_id=sites["CAN-WH"], staff_number="W8")
    places.assign_staff(system("tests"), site_id=sites["SHA-WH"], staff_number="W9")
    stranger.post(f"/app/storage/movements/{row.id}/undo")
    assert clerk.get(f"/app/storage/goods/{number}").context["found"].present
    colleague.post(f"/app/storage/movements/{row.id}/undo")
    assert not clerk.get(f"/app/storage/goods/{number}").context["found"].stays
    assert clerk.post("/app/storage/movements/nonsense/undo").status_code == 404


def test_the_worker_is_there_for_who_may_scan(clerk):
    answer = clerk.get("/app/storage/worker.js")
    assert answer["Content-Type"].startswith("text/javascript")
    assert Client().get("/app/storage/worker.js").status_code == 302

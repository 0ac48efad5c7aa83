"""The scan page: a courier's beeps become the customer's timeline, and a slip is taken back."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from huoji.apps.places import actions as places
from huoji.core.permission import system
from huoji.core.place import SiteDraft, SiteKind

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def site():
    return places.create_site(system("tests"), SiteDraft(code="SHXH", name="上海徐汇营业部", kind=SiteKind.OUTLET))


@pytest.fixture
def courier(client_of, site):
    client = client_of("courier")
    places.assign_staff(system("tests"), site_id=site, staff_number=client.actor.principal.partition(":")[2])
    return client


@pytest.fixture
def number(client, staff_key):
    made = client.post(
        "/api/v1/shipments", [{"line": "express"}], content_type="application/json",
        headers={"Authorization": f"Bearer {staff_key}"},
    )  # fmt: skip
    return made.json()["items"][0]["number"]


def send(courier, number, stage, **more):
    return courier.post(
        "/app/scan", {"stage": stage, "site": "SHXH", "number": number, **more}, headers={"HX-Request": "true"}
    )


def answer(client, number):
    return client.get(f"/api/v1/track?numbers={number}").json()["results"][0]


@pytest.mark.req("H02", part="the four stages and the exception come in by the scan page")
@pytest.mark.req("H03", part="outlet arrival and departure with the next stop")
def test_each_stage_of_the_way_is_one_beep(client, courier, number):
    for stage in ("picked_up", "arrived", "departed", "out_for_delivery"):
        assert "已记录" in send(courier, number, stage).content.decode()
    assert "请选择派送未成功的原因" in send(courier, number, "attempt_failed").content.decode()
    send(courier, number, "attempt_failed", reason="absent")
    told = answer(client, number)
    assert (told["status"], told["reason"]) == ("attempt_failed", "absent")
    assert {event["place"] for event in told["events"]} == {"上海徐汇营业部"}


def test_a_delivery_wants_a_name_and_keeps_its_picture(client, courier, number):
    assert "签收需要填写签收人" in send(courier, number, "delivered").content.decode()
    picture = io.BytesIO()
    Image.new("RGB", (20, 20), "white").save(picture, "PNG")
    file = SimpleUploadedFile("s.png", picture.getvalue(), content_type="image/png")
    assert (
        "已记录"
        in send(courier, number, "delivered", signed_by="张三", signer="agent", signature=file).content.decode()
    )
    told = answer(client, number)
    assert (told["status"], told["reason"]) == ("delivered", "agent")


def test_scanning_twice_is_scanning_once(client, courier, number):
    send(courier, number, "picked_up")
    assert "未重复记录" in send(courier, number, "picked_up").content.decode()
    assert len(answer(client, number)["events"]) == 1


def test_a_slip_is_taken_back_by_a_correction_and_scanned_again(client, courier, number):
    send(courier, number, "out_for_delivery")
    row = courier.session["scans"][0]
    undo = f"/app/scan/{row['unit_id']}/{row['event_id']}/undo"
    assert "已撤销" in courier.post(undo, headers={"HX-Request": "true"}).content.decode()
    assert answer(client, number)["status"] == "created"
    send(courier, number, "out_for_delivery")
    assert answer(client, number)["status"] == "out_for_delivery"


def test_nobody_takes_back_what_another_scanned(client_of, courier, number):
    send(courier, number, "picked_up")
    row = courier.session["scans"][0]
    other = client_of("courier")
    other.post(f"/app/scan/{row['unit_id']}/{row['event_id']}/undo")
    assert answer(other, number)["status"] == "picked_up"


def test_it_works_without_javascript(courier, number):
    assert courier.post("/app/scan", {"stage": "arrived", "site": "SHXH", "number": number}).status_code == 302
    assert number in courier.get("/app/scan").content.decode()
    assert courier.post("/app/scan", {"stage": "arrived", "site": "SHXH", "number": ""}).status_code == 422


def test_a_number_nobody_knows_is_kept_until_its_shipment_comes(courier):
    assert "已暂存" in send(courier, "LATER0001", "picked_up").content.decode()


def test_a_courier_scans_only_where_he_works(courier, number):
    places.create_site(system("tests"), SiteDraft(code="CDWH", name="成都武侯营业部", kind=SiteKind.OUTLET))
    refused = courier.post("/app/scan", {"stage": "arrived", "site": "CDWH", "number": number})
    assert "请先选择您所在的站点" in refused.content.decode()

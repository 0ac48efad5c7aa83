"""What a stranger with a number sees, over real rows: the newest first, masked, more for who knows the last 4 digits."""

import io
import re

import pytest
from django.test import Client
from PIL import Image

from huoji.apps.shipments.api.shipments import PUBLIC_QUERIES
from huoji.kit import blob
from tests.apps.shipments.foreign import Caller
from tests.people import SYSTEM

pytestmark = pytest.mark.django_db(transaction=True)
SECRETS = ("李小明", "张三丰", "13912344321", "13811115678", "3号楼", "5栋")


def page(number: str, client: Client | None = None, **query) -> str:
    return (client or Client()).get(f"/track/{number}", query).text


def sentences(html: str) -> list[str]:
    return re.findall(r"<p>(?:<span class=\"hj-mini\">[^<]*</span>)?([^<]*)</p><span class=\"hj-meta\">", html)


@pytest.mark.req("D09")
def test_the_newest_event_stands_on_top_in_whatever_order_the_events_came(carrier):
    number = carrier.ship()
    carrier.report(number, "departed", hours_ago=5, place="武汉分拨中心", next_place="成都分拨中心")
    carrier.report(number, "picked_up", hours_ago=30, place="上海徐汇营业部")
    carrier.report(number, "arrived", hours_ago=9, place="武汉分拨中心")
    assert sentences(page(number)) == [
        "已离开 武汉分拨中心 → 成都分拨中心",
        "已到达 武汉分拨中心",
        "已揽收 · 上海徐汇营业部",
    ]
    assert "运输中" in page(number)


def test_without_a_check_nobody_is_named(parcel):
    for lang in ("zh", "en"):
        html = page(parcel, lang=lang)
        assert not [secret for secret in SECRETS if secret in html]
        assert "1391234" not in html


def test_the_last_four_digits_of_a_party_show_a_little_more_and_never_all(parcel):
    client = Client()
    client.get(f"/track/{parcel}")
    answer = client.post(f"/track/{parcel}/verify", {"last4": "5678"})
    assert answer.status_code == 302
    html = page(parcel, client)
    assert "张**" in html
    assert "收件人" in html
    assert not [secret for secret in SECRETS if secret in html]
    assert "张**" not in page(parcel)  # another browser


def test_wrong_digits_are_refused_and_after_five_the_extra_is_locked_but_not_the_timeline(parcel):
    client = Client(REMOTE_ADDR="10.9.8.7")
    for _ in range(5):
        answer = client.post(f"/track/{parcel}/verify", {"last4": "0000"})
        assert answer.status_code == 422
        assert "后 4 位不对" in answer.text
    locked = client.post(f"/track/{parcel}/verify", {"last4": "5678"})
    assert "试错的次数太多" in locked.text
    assert "上海分拨中心" in page(parcel, client)


def test_digits_for_one_number_open_no_other(carrier, parcel):
    other = carrier.ship(parties=[{"role": "consignee", "name": "王五", "phone": "13700001111", "address": "成都"}])
    client = Client()
    client.post(f"/track/{parcel}/verify", {"last4": "5678"})
    assert "王*" not in page(other, client)


def test_a_forged_cookie_opens_nothing(parcel):
    client = Client()
    client.cookies["huoji_seen"] = f"{parcel}:1abc:forged"
    assert "张**" not in page(parcel, client)


@pytest.mark.req("B18", part="50 numbers in one paste, mixed text; the scan code is proven in the browser")
def test_fifty_numbers_of_one_paste_are_answered_and_the_rest_is_said_to_be_left_out(carrier):
    made = carrier.post("/api/v1/shipments", [{"line": "road"} for _ in range(52)])
    numbers = [item["number"] for item in made["items"]]
    pasted = "您好,麻烦查一下:\n" + "、\n".join(f"单号{number} 电话13800138000" for number in numbers)
    answer = Client(REMOTE_ADDR="10.1.1.1").post("/track", {"numbers": pasted}, follow=True)
    assert answer.redirect_chain[0][1] == 302
    assert [number for number in numbers if number in answer.text.split("<textarea")[0]] == numbers[:50]
    assert "一次最多查 50 个" in answer.text


@pytest.mark.req("A28")
def test_a_number_is_answered_from_the_order_on_and_an_unknown_one_says_what_to_do(carrier):
    number = carrier.ship()
    assert "已下单" in page(number)
    unknown = Client().get("/track/HJ000000000000")
    assert unknown.status_code == 404
    assert "可以这样做" in unknown.text
    assert "联系我们" in unknown.text
    carrier.report(number, "delivered", hours_ago=24 * 20)
    assert "已签收" in page(number)


@pytest.mark.req("B04", part="page and API tell the same; the console comes with the workspace")
def test_the_page_tells_the_same_as_the_api(parcel):
    told = Client().get("/api/v1/track", {"numbers": parcel}).json()["results"][0]
    assert [event["text"] for event in told["events"]] == sentences(page(parcel))
    assert told["status_text"] in page(parcel)


@pytest.mark.req(
    "B10", part="milestones and vessel by B/L, booking and container number, at 360 px; positions come with fleet"
)
def test_ocean_cargo_is_found_by_bill_booking_and_container_with_its_vessel(carrier):
    references = [
        {"kind": "bill", "number": "COSU6290123450"},
        {"kind": "booking", "number": "BK77001234"},
        {"kind": "container", "number": "CSQU3054383"},
    ]
    carrier.ship(line="ocean", number="OCEAN20260001", references=references, parties=PARTY)
    holder = {"kind": "voyage", "number": "HUOJI STAR / 045E"}
    carrier.report("OCEAN20260001", "loaded", hours_ago=90, place="上海洋山港", mode="sea", holder=holder)
    for reference in references:
        html = page(reference["number"])
        assert "已装船 · 上海洋山港" in html
        assert "HUOJISTAR/045E" in html or "HUOJI STAR" in html
        assert "张" not in re.sub(r"扩张|开张", "", html.split("<main")[1].split("</main>")[0])


PARTY = [{"role": "consignee", "name": "张三丰", "phone": "13811115678", "address": "成都"}]


@pytest.mark.req("B19")
def test_the_help_page_lists_the_ways_to_ask_and_what_each_needs():
    html = Client().get("/help").text
    for phrase in ("在网页上查询", "提单号", "扫码", "手机号后 4 位", "联系时请准备好运单号"):
        assert phrase in html


def test_spellings_of_one_number_lead_to_one_address(parcel):
    answer = Client().get(f"/track/{parcel[:4].lower()}-{parcel[4:]}")
    assert answer.status_code == 302
    assert answer["Location"] == f"/track/{parcel}"


def test_the_page_knows_where_to_hear_of_changes(parcel):
    html = page(parcel)
    assert "data-live-url=" in html
    assert re.search(r'data-live-token="[^"]{40,}"', html)
    assert "data-live-token" in Client().get(f"/track/{parcel}/story").text


def test_who_asks_too_often_is_told_to_wait(parcel):
    PUBLIC_QUERIES.forget()
    client = Client(REMOTE_ADDR="10.7.7.7")
    statuses = [client.get(f"/track/{parcel}").status_code for _ in range(60)]
    assert statuses == [200] * 60
    assert any(client.get(f"/track/{parcel}").status_code == 429 for _ in range(60))  # a slow machine refills a few


def test_an_answer_is_kept_by_no_cache_and_by_no_search_engine(parcel):
    answer = Client().get(f"/track/{parcel}")
    assert answer["Cache-Control"] == "no-store"
    assert "noindex" in answer["X-Robots-Tag"]


def test_silence_is_said(carrier):
    number = carrier.ship()
    carrier.report(number, "departed", hours_ago=24 * 9, place="兰州分拨中心")
    assert "9 天没有新的更新" in page(number)


def test_the_proof_of_delivery_is_shown_to_who_knows_the_digits_and_to_no_stranger(carrier, parcel):
    photo = io.BytesIO()
    Image.new("RGB", (40, 30), "white").save(photo, "PNG")
    sha = blob.put(photo.getvalue(), content_type="image/png", actor=SYSTEM)
    carrier.report(parcel, "delivered", hours_ago=1, place="成都锦江营业部", signed_by="张三丰", blobs=[sha])
    address = f"/track/{parcel}/proof/{sha}"
    stranger, known = Client(), Client()
    assert address not in page(parcel, stranger)
    assert stranger.get(address).status_code == 404
    known.post(f"/track/{parcel}/verify", {"last4": "5678"})
    html = page(parcel, known)
    assert "签收人" in html
    assert "张三丰" not in html
    assert address in html
    assert known.get(address)["Content-Type"] == "image/png"


def test_a_proof_that_was_taken_back_is_not_shown_with_the_delivery_that_stands(client, staff_key):
    staff = Caller(client, staff_key)
    staff.ship("SIGNED1")

    def delivered(day, name):
        return {
            "number": "SIGNED1", "milestone": "delivered", "id": name, "occurred_at": f"2026-11-{day}T08:00:00+08:00",
            "signed_by": name,
        }  # fmt: skip

    def signed_by():
        return staff.read("shipments/SIGNED1").json()["proof"]["signed_by"]

    staff.send("events", [delivered(20, "李四"), delivered(21, "欧阳错")])
    assert signed_by().startswith("欧阳")
    wrong = {"number": "SIGNED1", "retracts": "欧阳错", "occurred_at": "2026-11-22T08:00:00+08:00"}
    assert staff.send("events", [wrong]).json()["accepted"] == 1
    assert signed_by().startswith("李")


def test_a_returned_number_leads_to_the_number_of_its_return(carrier):
    first = carrier.ship()
    back = carrier.ship(links=[{"relation": "return_of", "number": first}])
    assert f'href="/track/{back}"' in page(first)
    assert f'href="/track/{first}"' in page(back)
    assert "退回单号" in page(first)

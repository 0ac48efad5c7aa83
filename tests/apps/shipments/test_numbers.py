"""Every shipment that comes in without a number gets one of ours, which no other has, whoever asks at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from django.db import connections
from django.test import Client

from huoji.core.numbers import is_waybill_number
from huoji.core.permission import KeyScope

CLIENTS, CALLS, PARCELS = 8, 5, 5


def parcel(index: int) -> dict:
    return {
        "line": "express",
        "parties": [
            {"role": "shipper", "name": "王小明", "phone": f"1380013{index:04d}", "address": "上海市浦东新区云帆路500号3号楼1201室"},
            {"role": "consignee", "name": "李雷", "phone": f"1390013{index:04d}", "address": "武汉市洪山区松涛路8号2单元301室"},
        ],
    }  # fmt: skip


def post(key: str, first: int) -> list[str]:
    """Speak as a client of its own, on a connection of its own."""
    client = Client(headers={"authorization": f"Bearer {key}"})
    try:
        answer = client.post(
            "/api/v1/shipments", [parcel(first + each) for each in range(PARCELS)], content_type="application/json"
        )
    finally:
        connections.close_all()
    assert answer.status_code == 200, answer.content
    return [item["number"] for item in answer.json()["items"]]


@pytest.mark.req("H01")
@pytest.mark.django_db(transaction=True)
def test_numbers_never_repeat_when_many_enter_parcels_at_once_and_belong_to_sender_and_receiver(make_staff, make_key):
    make_staff("cs_agent", number="CS1")
    key = make_key("staff:CS1", KeyScope.SHIPMENTS_READ, KeyScope.SHIPMENTS_WRITE)
    with ThreadPoolExecutor(CLIENTS) as pool:
        made = list(pool.map(lambda call: post(key, call * PARCELS), range(CLIENTS * CALLS)))
    numbers = [number for each in made for number in each]
    assert len(set(numbers)) == CLIENTS * CALLS * PARCELS
    assert all(is_waybill_number(number, "HJ") for number in numbers)
    seen = Client(headers={"authorization": f"Bearer {key}"}).get(f"/api/v1/shipments/{made[3][2]}").json()
    assert {(party["role"], party["name"], party["phone"][-2:]) for party in seen["parties"]} == {
        ("shipper", "王**", "17"),
        ("consignee", "李*", "17"),
    }


@pytest.mark.django_db
def test_the_prefix_is_a_setting_and_a_mistyped_number_is_no_other_parcel(make_key, settings):
    settings.HUOJI = replace(settings.HUOJI, waybill_prefix="YUN")
    key = make_key("customer:7", KeyScope.SHIPMENTS_WRITE)
    client = Client(headers={"authorization": f"Bearer {key}"})
    answer = client.post("/api/v1/shipments", [parcel(1)], content_type="application/json").json()
    number = answer["items"][0]["number"]
    assert is_waybill_number(number, "YUN")
    mistyped = number[:-1] + str((int(number[-1]) + 1) % 10)
    assert client.get("/api/v1/track", {"numbers": mistyped}).json()["results"][0]["found"] is False


@pytest.mark.req("T05", part="what a public query answers, before and after the last four digits, is masked")
@pytest.mark.django_db
def test_the_public_sees_no_party_and_after_the_last_four_digits_a_masked_one(make_key):
    key = make_key("customer:7", KeyScope.SHIPMENTS_WRITE)
    maker = Client(headers={"authorization": f"Bearer {key}"})
    [item] = maker.post("/api/v1/shipments", [parcel(42)], content_type="application/json").json()["items"]
    client = Client()
    bare = client.get(f"/track/{item['number']}").content.decode()
    assert not any(word in bare for word in ("王", "李雷", "13800130042", "云帆路"))
    client.post(f"/track/{item['number']}/verify", {"last4": "0042"})
    more = client.get(f"/track/{item['number']}").content.decode()
    assert "138******42" in more
    assert "上海市浦东新区云帆路500号***" in more
    assert not any(word in more for word in ("王小明", "李雷", "13800130042", "3号楼", "1201", "301室"))


@pytest.mark.django_db
def test_what_exceeds_fifty_numbers_is_named():
    pasted = "\n".join(f"YT55555089650{each:02d}" for each in range(53))
    answer = Client().get("/api/v1/track", {"numbers": pasted}).json()
    assert len(answer["results"]) == 50
    assert answer["left_out"] == ["YT5555508965050", "YT5555508965051", "YT5555508965052"]

"""快递100 through its doors: lists that shrink and grow again, and the questions it asks of a carrier."""

import dataclasses
import json
from urllib.parse import urlencode

import pytest
from django.conf import settings as django_settings

from huoji.wire.kuaidi100 import carrier_sign
from tests.apps.shipments.foreign import Caller

pytestmark = pytest.mark.django_db(transaction=True)

PICKED = {"time": "2026-11-20 09:00:00", "context": "【杭州萧山】快件已被揽收"}
PACKED = {"time": "2026-11-20 09:00:00", "context": "【杭州萧山】快件已打包"}
LEFT = {"time": "2026-11-20 20:00:00", "context": "【杭州转运中心】已发出,下一站【成都转运中心】"}
SIGNED = {"time": "2026-11-22 10:00:00", "context": "快件已签收,签收人:本人", "statusCode": "301"}
KEY, SECRET = "KEY1", "SECRET-OF-TESTS"


@pytest.fixture
def staff(client, staff_key) -> Caller:
    return Caller(client, staff_key)


@pytest.fixture
def paired(settings):
    settings.HUOJI = dataclasses.replace(django_settings.HUOJI, kuaidi100_key=KEY, kuaidi100_secret=SECRET)


def trace(*lines, number="YT0001"):
    return {"nu": number, "com": "yuantong", "state": "0", "status": "200", "data": list(lines)}


def ask(client, number, *, key=KEY, secret=SECRET):
    sign = carrier_sign(key=key, number=number, secret=secret)
    form = urlencode({"key": key, "num": number, "sign": sign})
    return client.post("/api/v1/kuaidi100/query", form, content_type="application/x-www-form-urlencoded")


def test_what_a_list_no_longer_has_is_taken_back_and_what_it_has_again_comes_back(staff):
    staff.ship("YT0001", line="express")
    for _ in range(3):
        assert staff.send("kuaidi100/trace", trace(LEFT, PACKED, PICKED)).status_code == 200
        assert sorted(staff.milestones("YT0001")) == ["departed", "picked_up", "sorted"]
        staff.send("kuaidi100/trace", trace(PICKED))
        assert staff.milestones("YT0001") == ["picked_up"]
    same = staff.send("kuaidi100/trace", trace(PICKED)).json()
    assert (same["duplicate"], same["accepted"]) == (1, 0)
    assert (same["result"], same["returnCode"]) == (True, "200")


def test_a_list_takes_back_only_what_it_told_itself(staff):
    staff.ship("YT0001", line="express")
    scan = {"number": "YT0001", "occurred_at": "2026-11-21T09:00:00+08:00", "milestone": "sorted"}
    staff.send("events", [scan])
    staff.send("kuaidi100/trace", trace(PICKED))
    staff.send("kuaidi100/trace", trace(LEFT))
    assert staff.milestones("YT0001") == ["sorted", "departed"]
    empty = staff.send("kuaidi100/trace", trace())  # a query that found nothing says nothing
    assert empty.status_code == 200
    assert staff.milestones("YT0001") == ["sorted", "departed"]


def test_a_code_is_believed_before_the_words_and_words_are_marked_as_read(staff):
    staff.ship("YT0001", line="express")
    staff.send("kuaidi100/trace", trace(SIGNED, PICKED))
    answer = staff.read("shipments/YT0001").json()
    assert (answer["status"], answer["reason"]) == ("delivered", "self")
    assert [event["flags"] for event in answer["events"]] == [[], ["inferred"]]


def test_a_list_that_came_before_its_shipment_is_joined_as_it_was_last_told(staff):
    assert staff.send("kuaidi100/trace", trace(LEFT, PICKED)).json()["parked"] == 1
    staff.send("kuaidi100/trace", trace(SIGNED, PICKED))
    staff.ship("OWN1", ("carrier", "YT0001"), line="express")
    assert staff.milestones("OWN1") == ["delivered", "picked_up"]
    staff.send("kuaidi100/trace", trace(PICKED))
    assert staff.milestones("OWN1") == ["picked_up"]


def test_a_push_is_read_as_it_is_posted_and_a_broken_one_refused_at_its_fault(staff):
    staff.ship("YT0001", line="express")
    form = urlencode({"param": json.dumps({"status": "polling", "lastResult": trace(PICKED)})})
    pushed = staff.send("kuaidi100/trace", form, content_type="application/x-www-form-urlencoded")
    assert pushed.json()["accepted"] == 1
    bad = staff.send("kuaidi100/trace", trace(PICKED | {"time": "2026-13-45 99:00:00"}))
    assert bad.status_code == 400
    assert bad.json()["errors"][0]["path"] == "$.data[0].time"


@pytest.mark.usefixtures("paired")
def test_a_signed_question_is_answered_in_the_words_of_kuaidi100(client, staff):
    staff.ship("YT0001", line="express", parties=[{"role": "consignee", "name": "卓文君", "phone": "13912340077"}])
    staff.send("kuaidi100/trace", trace(SIGNED, LEFT, PICKED))
    answer = ask(client, "YT0001").json()
    assert (answer["result"], answer["state"]) == (True, "3")
    assert [line["time"] for line in answer["data"]] == [
        "2026-11-22 10:00:00", "2026-11-20 20:00:00", "2026-11-20 09:00:00",
    ]  # fmt: skip
    assert set(answer["data"][0]) == {"context", "location", "time"}
    assert "卓文君" not in json.dumps(answer, ensure_ascii=False)


@pytest.mark.usefixtures("paired")
def test_an_unknown_number_is_an_empty_answer_and_a_wrong_signature_none(client, staff):
    staff.ship("YT0001", line="express")
    unknown = ask(client, "YT404").json()
    assert (unknown["result"], unknown["data"], unknown["message"]) == (True, [], "运单号不存在")
    for wrong in (
        ask(client, "YT0001", secret="guess"),
        ask(client, "YT0001", key="OTHER"),
        ask(client, "YT404", secret="guess"),
    ):
        assert (wrong.json()["result"], wrong.json()["message"], wrong.json()["data"]) == (False, "验签失败", [])


def test_without_a_pair_nobody_is_answered(client, staff):
    staff.ship("YT0001", line="express")
    assert ask(client, "YT0001", key="", secret="").status_code == 400
    assert ask(client, "YT0001").json()["result"] is False


@pytest.mark.usefixtures("paired")
def test_questions_are_limited(client, monkeypatch):
    from huoji.apps.shipments.api import foreign
    from huoji.kit.limits import Buckets, Limit

    monkeypatch.setattr(foreign, "CARRIER_QUERIES", Buckets(Limit(name="kuaidi100_query", per_minute=1, burst=2)))
    assert [ask(client, "YT1").status_code for _ in range(3)] == [200, 200, 429]

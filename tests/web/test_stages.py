"""The stages of a parcel's way, as they come in by API and file and are told by API and page."""

from itertools import pairwise

import pytest
from django.test import Client

from huoji.config import cli, importing
from tests.tables import csv_of

STAGES = {
    "picked_up": "已揽收",
    "sorted": "分拣中",
    "departed": "运输中",
    "out_for_delivery": "派送中",
    "exception": "异常",
}
STATUS_AFTER = ("picked_up", "sorting", "in_transit", "out_for_delivery", "exception")
HEADER = ["运单号", "轨迹状态", "轨迹时间", "轨迹地点"]


def told(number: str) -> dict:
    return Client().get("/api/v1/track", {"numbers": number}).json()["results"][0]


@pytest.mark.django_db(transaction=True)
@pytest.mark.req("H02")
def test_the_four_stages_and_an_exception_come_by_api_and_file_and_what_cannot_follow_is_kept_but_moves_nothing(
    carrier, tmp_path, monkeypatch
):
    by_api, by_file = carrier.ship(), carrier.ship()
    rows = []
    for index, (milestone, status) in enumerate(zip(STAGES, STATUS_AFTER, strict=True)):
        carrier.report(by_api, milestone, hours_ago=30 - 5 * index, place="上海徐汇营业部")
        assert told(by_api)["status"] == status
        rows.append([by_file, STAGES[milestone], f"2026-11-0{index + 1} 10:00", "上海徐汇营业部"])
    monkeypatch.chdir(tmp_path)
    (tmp_path / "scans.csv").write_bytes(csv_of([HEADER, *rows], encoding="utf-8"))
    assert importing.run(cli.parser().parse_args(["import", "scans.csv", "--zone", "+08:00"])) == 0
    assert (told(by_file)["status"], len(told(by_file)["events"])) == ("exception", len(STAGES))

    carrier.report(by_api, "picked_up", hours_ago=1, place="成都武侯营业部")
    after = told(by_api)
    assert after["status"] == "exception"
    raw = (
        Client().get(f"/api/v1/shipments/{by_api}", headers={"Authorization": f"Bearer {carrier.key}"}).json()["events"]
    )
    assert (raw[0]["milestone"], raw[0]["flags"]) == ("picked_up", ["jump"])
    assert [event["milestone"] for event in raw[1:]] == list(reversed(STAGES))


@pytest.mark.django_db
@pytest.mark.req("H03")
def test_a_parcel_is_traced_outlet_by_outlet_from_the_order_to_the_door(carrier):
    number = carrier.ship()
    way = ("上海徐汇营业部", "上海分拨中心", "武汉分拨中心", "成都武侯营业部")
    carrier.report(number, "picked_up", hours_ago=60, place=way[0])
    for index, (here, there) in enumerate(pairwise(way)):
        carrier.report(number, "departed", hours_ago=50 - 10 * index, place=here, next_place=there)
        carrier.report(number, "arrived", hours_ago=45 - 10 * index, place=there)
    carrier.report(number, "out_for_delivery", hours_ago=4, place=way[-1])
    carrier.report(number, "delivered", hours_ago=2, place=way[-1])
    answer = told(number)
    assert [stop["place"] for stop in answer["stops"]] == list(way)
    moves = [(event["milestone"], event["place"], event["next_place"]) for event in reversed(answer["events"])]
    between = [move for here, there in pairwise(way) for move in (("departed", here, there), ("arrived", there, ""))]
    assert moves == [("picked_up", way[0], ""), *between, ("out_for_delivery", way[-1], ""), ("delivered", way[-1], "")]
    page = Client().get(f"/track/{number}").text
    assert all(f"<b>{place}</b>" in page for place in way)

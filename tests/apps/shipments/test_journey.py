"""The whole journey with its gaps, the states it went through, and a snapshot for the case that asks."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client

from huoji.apps.shipments.models import Snapshot
from huoji.core.draft import LegTold, ShipmentTold
from huoji.core.permission import KeyScope
from huoji.core.report import Told
from tests.apps.shipments import moving_world
from tests.apps.shipments.moving_world import PLATE

pytestmark = pytest.mark.django_db(transaction=True)
NUMBER = "HJWAY00001"


@pytest.fixture
def moving(db):
    moving = moving_world.build()

    def at(hours):
        return (moving.now + timedelta(hours=hours)).isoformat()

    legs = (
        LegTold(mode="road", origin="SHQP", destination="WUH", departs_at=at(-10), arrives_at=at(-1)),
        LegTold(mode="road", origin="WUH", destination="CDJJ", departs_at=at(1), arrives_at=at(16)),
    )
    moving.world.ship(
        ShipmentTold(line="road", number=NUMBER, goods="零件", origin="SHQP", destination="CDJJ", legs=legs),
        at=moving.now - timedelta(hours=14),
    )
    moving.world.tell(
        Told(number=NUMBER, occurred_at=moving.world.ago(hours=12), milestone="picked_up", place="SHQP"),
        Told(number=NUMBER, occurred_at=moving.world.ago(hours=9), milestone="departed", place="SHQP", next_place="WUH", mode="road"),
    )  # fmt: skip
    moving.load(NUMBER, minutes_ago=9 * 60 + 5)
    return moving


def drive(moving):
    """Positions every five minutes, but for three hours in the middle."""
    for minutes in (*range(540, 400, -10), *range(220, 60, -10)):
        moving.seen("truck", 31.0, 121.0 - (540 - minutes) * 0.01, seconds_ago=minutes * 60)


@pytest.mark.req("F01")
def test_every_leg_from_pickup_to_proof_of_delivery_with_gaps_as_gaps(moving, client_of):
    drive(moving)
    client = client_of("cs_agent")
    told = client.get(f"/api/v1/shipments/{NUMBER}/journey").json()
    assert told["picked_up"]["place"] == "上海青浦分拨中心"
    assert [(leg["from"], leg["to"], leg["state"]) for leg in told["legs"]] == [
        ("上海青浦分拨中心", "武汉分拨中心", "current"), ("武汉分拨中心", "成都锦江营业部", "ahead"),
    ]  # fmt: skip
    assert [(gap["minutes"], gap["until"] is None) for gap in told["legs"][0]["gaps"]] == [(190, False), (70, True)]
    assert told["delivered"] is None
    html = client.get(f"/app/shipments/{NUMBER}/journey").text
    assert "定位中断 3 小时" in html
    assert "尚未签收" in html
    moving.world.tell(
        Told(number=NUMBER, occurred_at=moving.world.ago(minutes=50), milestone="arrived", place="WUH"),
        Told(number=NUMBER, occurred_at=moving.world.ago(minutes=40), milestone="departed", place="WUH", next_place="CDJJ"),
        Told(number=NUMBER, occurred_at=moving.world.ago(minutes=2), milestone="delivered", place="CDJJ", signed_by="张三丰"),
    )  # fmt: skip
    done = client.get(f"/api/v1/shipments/{NUMBER}/journey").json()
    assert [leg["state"] for leg in done["legs"]] == ["done", "done"]
    assert done["delivered"]["milestone"] == "delivered"


@pytest.mark.req("E05", part="a snapshot of position, speed, time and source, kept and audited; cases attach it later")
def test_a_snapshot_keeps_what_its_taker_was_told_and_cannot_be_changed(moving, client_of):
    moving.seen("truck", 30.613742, 114.283911, kmh=63)
    client = client_of("dispatch", "cs_manager")
    taken = client.post(
        f"/api/v1/shipments/{NUMBER}/snapshots", {"cause": "客户来电催问"}, content_type="application/json"
    )
    assert taken.status_code == 201
    position = taken.json()["body"]["position"]
    assert (position["lat"], position["speed_kmh"], position["source"]) == (30.613742, 63.0, "gps")
    assert client.post(f"/app/shipments/{NUMBER}/snapshot", {"snapshot-cause": "转调度"}).status_code == 302
    html = client.get(f"/app/shipments/{NUMBER}/journey").text
    assert "客户来电催问" in html
    assert "转调度" in html
    assert "保存位置快照" in client.get(f"/app/shipments/{NUMBER}").text.split("操作记录")[1]
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE position_snapshot SET cause = 'x'")
    assert Snapshot.objects.count() == 2


def test_whose_eyes_are_cut_takes_a_snapshot_that_is_cut(moving, client_of):
    moving.seen("truck", 30.613742, 114.283911, kmh=63)
    taken = client_of("cs_agent").post(
        f"/api/v1/shipments/{NUMBER}/snapshots", {"cause": "x"}, content_type="application/json"
    )
    body = taken.json()["body"]
    assert body["position"]["lat"] == 30.6
    assert PLATE not in str(body["position"])


def test_a_snapshot_of_somebody_who_sees_the_fleet_tells_no_exact_place_to_who_does_not(moving, client_of):
    moving.seen("truck", 30.613742, 114.283911, kmh=63)
    dispatch = client_of("dispatch")
    body = {"snapshot-cause": "转调度"}
    assert dispatch.post(f"/app/shipments/{NUMBER}/snapshot", body).status_code == 302
    assert "30.613742" in dispatch.get(f"/app/shipments/{NUMBER}/journey").text
    html = client_of("cs_agent").get(f"/app/shipments/{NUMBER}/journey").text
    assert "转调度" in html
    assert "30.6, 114.3" in html
    assert "30.613742" not in html
    assert "63" not in html.split("转调度")[0][-300:]


def test_a_key_takes_snapshots_when_it_may_open_cases(moving, make_staff, make_key):
    agent = make_staff("cs_agent").principal

    def answered(principal, scope):
        headers = {"x-api-key": make_key(principal, scope)}
        path = f"/api/v1/shipments/{NUMBER}/snapshots"
        return Client().post(path, {"cause": "x"}, content_type="application/json", headers=headers).status_code

    assert answered(agent, KeyScope.CASES_WRITE) == 201
    assert answered(agent, KeyScope.SHIPMENTS_READ) == 403
    assert answered("customer:1", KeyScope.SHIPMENTS_READ) == 403

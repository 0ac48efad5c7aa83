"""A carrier with cargo on its way, put in through the API as a shipper's system would."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from huoji.apps.shipments.api.shipments import PUBLIC_QUERIES
from huoji.core.permission import KeyScope


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrier:
    """Speaks to the API with a key of the chief clerk's."""

    key: str

    def post(self, path: str, body: list[dict]) -> dict:
        answer = Client().post(
            path, json.dumps(body), content_type="application/json", headers={"Authorization": f"Bearer {self.key}"}
        )
        assert answer.status_code == 200, answer.content
        return answer.json()

    def ship(self, **facts) -> str:
        """Create one shipment; return its number."""
        made = self.post("/api/v1/shipments", [{"line": "express", "origin": "上海", "destination": "成都"} | facts])
        assert made["accepted"] == 1, made
        return made["items"][0]["number"]

    def report(self, number: str, milestone: str, *, hours_ago: float, **facts) -> None:
        """Report one event."""
        at = (datetime.now(UTC) - timedelta(hours=hours_ago)).isoformat(timespec="seconds")
        told = self.post("/api/v1/events", [{"number": number, "occurred_at": at, "milestone": milestone} | facts])
        assert told["accepted"] == 1, told


@pytest.fixture
def carrier(make_staff, make_key) -> Carrier:
    PUBLIC_QUERIES.forget()
    actor = make_staff("cs_chief_clerk", "cs_manager")
    scopes = (KeyScope.SHIPMENTS_READ, KeyScope.SHIPMENTS_WRITE, KeyScope.EVENTS_WRITE)
    return Carrier(key=make_key(actor.principal, *scopes, source="erp"))


PARTIES = [
    {"role": "shipper", "name": "李小明", "phone": "13912344321", "address": "上海市徐汇区漕溪路500号3号楼2单元1201室"},
    {
        "role": "consignee",
        "name": "张三丰",
        "phone": "13811115678",
        "address": "四川省成都市锦江区春熙路1号5栋2单元301室",
    },
]


@pytest.fixture
def parcel(carrier) -> str:
    """A parcel with parties, picked up and on its way to Chengdu."""
    number = carrier.ship(parties=PARTIES)
    carrier.report(number, "picked_up", hours_ago=30, place="上海徐汇营业部")
    carrier.report(number, "departed", hours_ago=20, place="上海分拨中心", next_place="武汉分拨中心")
    return number

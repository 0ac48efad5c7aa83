"""Two warehouses with shelves, and a clerk of one of them who speaks to the API."""

import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.test import Client

from huoji.apps.places import actions as places
from huoji.apps.warehouse.actions import shelving
from huoji.core.permission import KeyScope, system
from huoji.core.place import SiteDraft, SiteKind

TESTS = system("tests")


@pytest.fixture
def sites(db):
    """Shanghai and Canton, each with an area of four slots and an area without rows."""
    made = {}
    for code, name in (("SHA-WH", "上海仓库"), ("CAN-WH", "广州仓库")):
        made[code] = places.create_site(
            TESTS, SiteDraft(code=code, name=name, name_en=f"{code} Store", kind=SiteKind.WAREHOUSE)
        )
        shelving.add_locations(TESTS, site_id=made[code], text="A-01~02-01~02 B")
    return made


@pytest.fixture
def keeper(make_staff, make_key, sites) -> "Keeper":
    """A warehouse clerk of Shanghai with a key."""
    actor = make_staff("warehouse", number="W1")
    places.assign_staff(TESTS, site_id=sites["SHA-WH"], staff_number="W1")
    return Keeper(make_key(actor.principal, KeyScope.STORAGE_READ, KeyScope.STORAGE_WRITE))


@pytest.fixture
def clerk(client_of, sites) -> Client:
    """A warehouse clerk of Shanghai in a browser."""
    client = client_of("warehouse", number="W2")
    places.assign_staff(TESTS, site_id=sites["SHA-WH"], staff_number="W2")
    return client


def ago(minutes: float) -> str:
    return (datetime.now(UTC) - timedelta(minutes=minutes)).isoformat()


class Keeper:
    """Speaks to the API of the warehouse."""

    def __init__(self, key: str) -> None:
        self.headers = {"Authorization": f"Bearer {key}"}

    def post(self, *items: dict, status: int = 200) -> dict:
        answer = Client().post(
            "/api/v1/storage/movements", json.dumps(items), content_type="application/json", headers=self.headers
        )
        assert answer.status_code == status, answer.content
        return answer.json()

    def move(self, verb: str, number: str, *, minutes_ago: float = 0, site: str = "SHA-WH", **more) -> dict:
        told = {"id": str(uuid4()), "verb": verb, "number": number, "site": site, "at": ago(minutes_ago), **more}
        [item] = self.post(told)["items"]
        assert item["result"] == "accepted", item
        return item | {"id": told["id"]}

    def ask(self, number: str, status: int = 200) -> dict:
        answer = Client().get(f"/api/v1/storage/{number}", headers=self.headers)
        assert answer.status_code == status, answer.content
        return answer.json()

"""What a gateway does when the store does not take what it received: it waits, tries less at once, or sets it aside."""

import asyncio
from datetime import UTC, datetime

import msgspec
import psycopg
import pytest
from django.db import OperationalError, connection

from huoji.gateways import keeping, leftovers
from huoji.gateways.kinds import Kind
from huoji.gateways.kinds.sensors import READINGS
from huoji.gateways.stream.parcel import Parcel
from huoji.kit import set_aside, trouble
from huoji.kit.trouble import Trouble

pytestmark = pytest.mark.django_db(transaction=True)
RAISE = "DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '{}'; END $$"
MEANS = {
    "08006": Trouble.AWAY, "57P01": Trouble.AWAY, "57P03": Trouble.AWAY, "25006": Trouble.AWAY,
    "53100": Trouble.NO_ROOM, "53200": Trouble.NO_ROOM, "53300": Trouble.NO_ROOM, "58030": Trouble.NO_ROOM,
    "57014": Trouble.BUSY, "40P01": Trouble.BUSY, "55P03": Trouble.BUSY,
    "22003": None, "23503": None, "23514": None, "42P01": None, "54000": None, "55000": None, "XX001": None,
}  # fmt: skip


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(keeping, "RETRY_S", 0.0)


class Store:
    """A table that refuses with a SQLSTATE, for as long as it is told and for the things it is told."""

    def __init__(self, state, *, times=10**9, only=None):
        self.state, self.times, self.only = state, times, only
        self.asked, self.kept = [], []

    def __call__(self, items, source):
        self.asked.append(len(items))
        if len(self.asked) <= self.times and (self.only is None or self.only in items):
            with connection.cursor() as cursor:
                cursor.execute(RAISE.format(self.state))
        self.kept += items

    def keep(self, items):
        async def scene():
            async with keeping.keeping("test") as keep:
                return await keep(Kind("numbers", int, lambda it: str(it).encode(), self), items)

        return asyncio.run(asyncio.wait_for(scene(), 30))


@pytest.mark.parametrize(("state", "means"), MEANS.items())
def test_each_error_of_the_database_means_one_thing_by_its_state(state, means):
    with pytest.raises(Exception) as caught, connection.cursor() as cursor:
        cursor.execute(RAISE.format(state))
    assert trouble.of(caught.value) is means
    assert trouble.of(caught.value.__cause__) is means


def test_who_is_not_reached_gives_no_state_and_is_away():
    with pytest.raises(psycopg.OperationalError) as caught:
        psycopg.connect("host=127.0.0.1 port=1")
    assert trouble.of(caught.value) is Trouble.AWAY
    assert trouble.of(ValueError("a bug")) is None


@pytest.mark.parametrize("state", ["57P01", "53100"])
def test_a_database_that_is_away_or_full_is_waited_for_with_all_that_came(state):
    store = Store(state, times=3)
    assert list(store.keep([1, 2, 3])) == []
    assert (store.asked, store.kept) == ([3, 3, 3, 3], [1, 2, 3])


def test_what_takes_too_long_is_tried_by_halves_and_a_single_thing_does_not_hold_up_the_others_for_ever():
    store = Store("57014", only=3)
    assert list(store.keep([1, 2, 3, 4])) == [2]
    assert sorted(store.kept) == [1, 2, 4]
    assert store.asked.count(1) == 1 + keeping.BUSY_TRIES_MAX
    assert set_aside.counts() == (1, 0)


def test_a_value_that_no_column_takes_is_set_aside_at_once_though_its_error_is_an_operational_one():
    store = Store("54000", only=2)
    assert list(store.keep([1, 2])) == [1]
    assert (store.asked, store.kept) == ([2, 1, 1], [1])
    ((_, body),) = set_aside.due(now=datetime.now(UTC) + set_aside.PAUSES[0], limit=9)
    assert b"numbers" in body


def test_a_thing_set_aside_that_always_takes_too_long_holds_up_none_behind_it_and_waits_for_a_person(monkeypatch):
    store, now = Store("57014", only=1), datetime.now(UTC)
    kind = Kind("numbers", int, lambda it: str(it).encode(), store)
    leftovers.put(kind, "test", [(each, ValueError("no")) for each in (1, 2)], now=now)
    monkeypatch.setattr(leftovers, "unpack", lambda body: Parcel(kind, "test", msgspec.msgpack.decode(body)[3]))
    store.state = "53100"  # of the disk, not of the thing: nothing is held against it
    with pytest.raises(OperationalError):
        leftovers.try_again(now=now + set_aside.PAUSES[0])
    assert [group.tries for group in set_aside.groups(limit=9)] == [1]
    store.state = "57014"
    for pause in set_aside.PAUSES:
        now += pause
        leftovers.try_again(now=now)
    assert (store.kept, set_aside.counts()) == ([2], (1, 1))


def test_an_it_admin_sees_what_is_set_aside_and_retries_or_drops_it_on_record(client_of):
    now = datetime.now(UTC)
    for number in range(3):
        leftovers.put(READINGS, "mqtt", [((f"BOX-{number}", None), ValueError(f"no column {number}0000"))], now=now)
    it = client_of("it_admin")
    page = it.get("/app/health").text
    assert "ValueError: no column *" in page
    assert page.count("health/set-aside/") == 2  # one row with its two buttons, for all of one reason
    (group,) = set_aside.groups(limit=9)
    assert it.post(f"/app/health/set-aside/{group.id}/retry").status_code == 302
    assert leftovers.try_again(now=datetime.now(UTC)) == 0
    (group,) = set_aside.groups(limit=9)
    assert (group.count, group.tries) == (3, 2)
    drop, shown = f"/app/health/set-aside/{group.id}/drop", {"reason": group.reason}
    assert it.post(drop, shown).status_code == 400  # why?
    assert it.post(drop, shown | {"cause": "no record takes a \0"}).status_code == 422
    assert set_aside.counts() == (3, 0), "nothing is dropped that is not on record"
    assert it.post(drop, shown | {"cause": "a broken sensor"}).status_code == 302
    assert set_aside.counts() == (0, 0)
    assert it.post(f"/app/health/set-aside/{group.id}/retry").status_code == 404
    told = it.get("/app/audit/").text
    assert "重试搁置的数据" in told
    assert "a broken sensor" in told
    assert client_of("cs_agent").post(f"/app/health/set-aside/{group.id}/drop").status_code == 403


def test_what_failed_for_another_reason_since_the_page_was_drawn_is_not_dropped_with_what_was_judged(client_of):
    now = datetime.now(UTC)
    for number, why in enumerate(("no such unit", "no room", "no room")):
        leftovers.put(READINGS, "mqtt", [((f"BOX-{number}", None), ValueError(why))], now=now)
    judged = next(group for group in set_aside.groups(limit=9) if group.count == 1)
    set_aside.failed(judged.id, reason="ValueError: no room", now=now)
    told = {"cause": "an unknown unit", "reason": judged.reason}
    assert client_of("it_admin").post(f"/app/health/set-aside/{judged.id}/drop", told).status_code == 404
    assert set_aside.counts() == (3, 0)

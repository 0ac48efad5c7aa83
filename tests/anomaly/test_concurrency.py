"""Many at once against the real database: nothing is doubled, nothing is lost, and every story agrees with its events."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction

from huoji.apps.shipments.actions import chunk, recording, renewing, sourcing
from huoji.apps.shipments.actions.recording import Writing
from huoji.apps.shipments.api.shipments import PUBLIC_QUERIES
from huoji.apps.shipments.models import Event, Parked, Unit
from huoji.core import report
from huoji.core.milestones import meaning
from huoji.core.permission import system
from huoji.core.report import Told
from tests.anomaly.invariant import EVENTS, HANG_S, SHIPMENTS, at_once, numbers, send, stored, stories_equal_events

pytestmark = pytest.mark.django_db(transaction=True)
START = datetime(2026, 11, 20, tzinfo=UTC)


def moment(hours: float) -> str:
    return (START + timedelta(hours=hours)).isoformat()


def event(number: str, milestone: str, hours: float, **more) -> dict:
    return {"number": number, "milestone": milestone, "occurred_at": moment(hours), **more}


def ship(key: str, *wanted: str, line: str = "ocean") -> None:
    answer = send(key, SHIPMENTS, [{"line": line, "number": number} for number in wanted])
    assert answer.json()["accepted"] == len(wanted), answer.content


def told(key: str, items: list[dict]) -> dict:
    answer = send(key, EVENTS, items)
    assert answer.status_code == 200, answer.content
    return answer.json()


@pytest.fixture(autouse=True)
def _nobody_waits():
    PUBLIC_QUERIES.forget()


def entries(client, number: str) -> list[tuple[str, str]]:
    PUBLIC_QUERIES.forget()
    [result] = client.get("/api/v1/track", {"numbers": number}).json()["results"]
    return [(each["milestone"], each["via"]) for each in result["events"]]


def test_two_callers_with_the_same_five_hundred_events_store_each_once(staff_key):
    wanted = numbers("SAME", 100)
    ship(staff_key, *wanted)
    items = [event(n, "arrived", step, id=f"{n}-{step}", place="武汉") for n in wanted for step in range(5)]
    one, other = at_once(lambda: told(staff_key, items), lambda: told(staff_key, items[::-1]))
    assert (one["accepted"] + other["accepted"], one["duplicate"] + other["duplicate"]) == (500, 500)
    assert set(stored(item["id"] for item in items).values()) == {1}
    assert stories_equal_events() == 100


def test_an_event_of_a_voyage_reaches_all_that_is_loaded_at_the_same_moment(client, staff_key):
    wanted = numbers("LOAD", 60)
    ship(staff_key, *wanted)
    voyage = {"kind": "voyage", "number": "RACE/1W"}
    loads = [[event(n, "loaded", 1, holder=voyage) for n in wanted[part::3]] for part in range(3)]
    calls = [
        {"unit": voyage, "milestone": "departed", "occurred_at": moment(2 + step), "place": f"P{step}"}
        for step in range(6)
    ]
    at_once(
        *(lambda part=part: [told(staff_key, [load]) for load in part] for part in loads),
        lambda: [told(staff_key, [call]) for call in calls],
    )
    stories_equal_events()
    for number in wanted:
        assert [each for each in entries(client, number) if each[1]] == [("departed", "RACE/1W")] * 6, number


def test_a_parcel_put_into_a_container_while_its_vessel_reports_hears_of_it(client, staff_key):
    """The vessel does not hold the parcel itself: container and vessel must not pass each other unseen."""
    voyage = {"kind": "voyage", "number": "DEEP/1W"}
    wanted = numbers("DEEP", 40)
    ship(staff_key, *wanted)
    boxes = [{"kind": "container", "number": f"DEEPBOX{index}"} for index in range(4)]
    told(
        staff_key, [{"unit": b, "milestone": "loaded", "occurred_at": moment(0), "holder": voyage} for b in boxes]
    )  # fmt: skip
    loads = [[event(n, "stuffed", 1, holder=boxes[part]) for n in wanted[part::4]] for part in range(4)]
    calls = [
        {"unit": voyage, "milestone": "arrived", "occurred_at": moment(2 + step), "place": f"P{step}"}
        for step in range(8)
    ]
    at_once(
        *(lambda part=part: [told(staff_key, [load]) for load in part] for part in loads),
        lambda: [told(staff_key, [call]) for call in calls],
    )
    stories_equal_events()
    for number in wanted:
        assert sum(each[1] == "DEEP/1W" for each in entries(client, number)) == len(calls), number


def test_events_of_a_great_vessel_beside_its_renewal_and_other_writers_leave_no_story_old(client, staff_key):
    wanted = numbers("BIG", 230)
    voyage = {"kind": "voyage", "number": "GREAT/9E"}
    ship(staff_key, *wanted)
    told(staff_key, [event(n, "loaded", 1, holder=voyage) for n in wanted])
    done = []

    def sail() -> None:
        for step in range(4):
            told(
                staff_key,
                [{"unit": voyage, "milestone": "departed", "occurred_at": moment(2 + step), "place": f"P{step}"}],
            )
        done.append(True)

    def renew() -> None:
        while not done:
            renewing.renew_stale()

    def scan(part: int) -> None:
        for number in wanted[part::10]:
            told(staff_key, [event(number, "customs_cleared", 3, id=f"c-{number}")])

    at_once(sail, renew, renew, lambda: scan(0), lambda: scan(1))
    stories_equal_events()
    assert sum(each[1] == "GREAT/9E" for each in entries(client, wanted[0])) == 4  # a stale one is folded at read
    renewing.renew_stale()
    stories_equal_events()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM story_stale")
        assert cursor.fetchone() == (0,)
    assert {sum(each[1] == "GREAT/9E" for each in entries(client, number)) for number in wanted[::23]} == {4}


def locks(number: str) -> str:
    return f"SELECT FROM story s JOIN unit u ON u.id = s.unit_id WHERE u.number = '{number}' FOR UPDATE OF s NOWAIT"


def test_who_waits_for_a_shipment_in_a_container_holds_none_that_comes_after_it_in_the_order(staff_key):
    """Else two such calls, each with a shipment that the other's container holds, wait for each other."""
    ship(staff_key, "ORDER1", "ORDER2")
    inside = {"kind": "container", "number": "ORDERBOX"}
    told(staff_key, [event("ORDER1", "stuffed", 1, holder=inside)])
    both = [event("ORDER2", "picked_up", 2), {"unit": inside, "milestone": "gate_in", "occurred_at": moment(2)}]
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND pid <> pg_backend_pid()"
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(locks("ORDER1"))
            answer = pool.submit(at_once, lambda: told(staff_key, both))
            while not answer.done():
                cursor.execute(waiting)
                if cursor.fetchone()[0]:
                    break
            cursor.execute(locks("ORDER2"))
        assert answer.result(HANG_S)[0]["accepted"] == 2
    stories_equal_events()


def test_a_renewal_beside_a_voyage_event_that_is_not_yet_committed_waits_for_it(client, staff_key, monkeypatch):
    """The story is marked already when the event marks it again: taking the old mark away must not take the new one."""
    monkeypatch.setattr(chunk, "INLINE_MAX", 0)
    voyage = {"kind": "voyage", "number": "SLOW/1"}
    ship(staff_key, "SLOW1")
    told(staff_key, [event("SLOW1", "loaded", 1, holder=voyage)])
    told(staff_key, [{"unit": voyage, "milestone": "departed", "occurred_at": moment(2)}])
    marked = threading.Event()

    def arrive() -> None:
        with transaction.atomic():
            told(staff_key, [{"unit": voyage, "milestone": "arrived", "occurred_at": moment(3)}])
            marked.set()
            time.sleep(0.3)

    def renew() -> None:
        marked.wait(10)
        renewing.renew_stale()

    at_once(arrive, renew)
    stories_equal_events()
    assert [each[0] for each in entries(client, "SLOW1")] == ["arrived", "departed", "loaded"]


def test_events_that_race_with_the_creation_of_their_shipment_are_joined_not_left_behind(client, staff_key):
    wanted = numbers("BORN", 40)
    at_once(
        *(
            lambda part=part: [told(staff_key, [event(n, "picked_up", 1, id=f"b{part}-{n}")]) for n in wanted]
            for part in range(2)
        ),
        lambda: [ship(staff_key, n, line="express") for n in wanted],
    )
    renewing.join_left(now=datetime.now(UTC))  # as the worker does every minute
    assert Parked.objects.count() == 0
    assert set(stored(f"b{part}-{n}" for part in range(2) for n in wanted).values()) == {1}
    assert {len(entries(client, number)) for number in wanted} == {2}
    stories_equal_events()


def test_events_parked_beside_their_shipment_are_joined_by_the_worker(client, staff_key):
    """The moment that no lock covers: parked after the shipment looked for them, before it was to be seen."""
    ship(staff_key, "LEFT1", line="express")
    source = sourcing.ensure("erp")
    writing = Writing(actor=system("tests"), source=source, now=datetime.now(UTC))
    late = report.check(
        Told(number="LEFT1", occurred_at=moment(1), milestone="picked_up"), source="erp", assumed_offset_min=480, meaning=meaning
    )  # fmt: skip
    recording.parking.park([late], writing)
    assert renewing.join_left(now=datetime.now(UTC)) == 1
    assert entries(client, "LEFT1") == [("picked_up", "")]
    assert renewing.join_left(now=datetime.now(UTC)) == 0


def test_the_same_shipments_created_twice_at_once_are_one_each(staff_key):
    wanted = numbers("TWIN", 60)
    items = [{"line": "road", "number": number, "order": f"O-{number}"} for number in wanted]
    answers = at_once(
        *(lambda turn=turn: send(staff_key, SHIPMENTS, items[::turn]) for turn in (1, -1)),
        *(lambda: send(staff_key, SHIPMENTS, items[20:40]) for _ in range(2)),
    )
    assert {answer.status_code for answer in answers} == {200}, [answer.content[:200] for answer in answers]
    assert sum(answer.json()["accepted"] for answer in answers) == 60
    assert sum(answer.json()["duplicate"] for answer in answers) == 100
    assert Unit.objects.filter(kind="waybill").count() == 60
    stories_equal_events()


def test_a_voyage_first_named_by_many_at_once_is_one_voyage(staff_key):
    wanted = numbers("FIRST", 16)
    ship(staff_key, *wanted)
    voyage = {"kind": "voyage", "number": "NEW/1"}
    at_once(*(lambda n=n: told(staff_key, [event(n, "loaded", 1, holder=voyage)]) for n in wanted[:8]))
    assert Unit.objects.filter(kind="voyage").count() == 1
    stories_equal_events()


def test_two_loads_that_swap_their_vessels_finish_both(staff_key):
    """Each holds what the other wants: the database ends one, which is tried again before anybody is told."""
    ships = [{"kind": "voyage", "number": f"SWAP/{index}"} for index in range(12)]
    ship(staff_key, *numbers("SWAP", 24))
    first, second = numbers("SWAP", 24)[:12], numbers("SWAP", 24)[12:]
    forth = [event(n, "loaded", 1, holder=v) for n, v in zip(first, ships, strict=True)]
    back = [event(n, "loaded", 1, holder=v) for n, v in zip(second, ships[::-1], strict=True)]
    calls = [{"unit": v, "milestone": "departed", "occurred_at": moment(2)} for v in ships]
    answers = at_once(
        lambda: told(staff_key, forth), lambda: told(staff_key, back), lambda: told(staff_key, calls),
        lambda: told(staff_key, calls[::-1]),
    )  # fmt: skip
    assert [answer["rejected"] for answer in answers] == [0] * 4
    assert answers[2]["accepted"] + answers[3]["accepted"] == 12
    stories_equal_events()


def test_pieces_of_one_shipment_delivered_by_many_couriers_at_once_are_all_counted(client, staff_key):
    send(staff_key, SHIPMENTS, [{"line": "express", "number": "MANY1", "pieces": 12}])
    at_once(
        *(
            lambda part=part: [
                told(staff_key, [event("MANY1", "delivered", 5, piece=str(p), id=f"p{p}")]) for p in range(part, 13, 4)
            ]
            for part in range(1, 5)
        )
    )
    [result] = client.get("/api/v1/track?numbers=MANY1").json()["results"]
    assert (result["status"], result["pieces"]) == ("delivered", {"total": 12, "delivered": 12})
    stories_equal_events()


@pytest.mark.soak
@pytest.mark.timeout(600)
@pytest.mark.parametrize("turn", range(10))
def test_the_races_hold_again_and_again(client, staff_key, turn):
    del turn
    test_a_parcel_put_into_a_container_while_its_vessel_reports_hears_of_it(client, staff_key)
    test_events_that_race_with_the_creation_of_their_shipment_are_joined_not_left_behind(client, staff_key)
    assert Event.objects.exists()

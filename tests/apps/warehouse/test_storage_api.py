"""The warehouse by API: movements go in item by item, and one number answers for itself."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client

from huoji.apps.places import actions as places
from huoji.core.permission import KeyScope, system
from huoji.kit import outbox
from tests.stores import Keeper, ago

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.req("G01")
def test_a_number_answers_with_in_time_place_and_out_time_and_out_without_in_is_flagged(keeper, carrier):
    number = carrier.ship()
    keeper.move("in", number, minutes_ago=50)
    keeper.move("locate", number, minutes_ago=40, location="A-01-02")
    here = keeper.ask(number)
    [stay] = here["present"]
    assert (stay["site"], stay["location"], stay["out_at"]) == ("SHA-WH", "A-01-02", None)
    keeper.move("move", number, minutes_ago=30, location="LOC:B")
    assert keeper.ask(number)["present"][0]["location"] == "B"
    keeper.move("out", number, minutes_ago=20)
    gone = keeper.ask(number)
    assert not gone["present"]
    assert gone["stays"][0]["in_at"] < gone["stays"][0]["out_at"]
    assert not gone["discrepancies"]

    other = carrier.ship()
    item = keeper.move("out", other)
    assert item["flags"] == ["out_without_in"]
    assert [row["kind"] for row in keeper.ask(other)["discrepancies"]] == ["out_without_in"]
    assert [row["verb"] for row in keeper.ask(other)["movements"]] == ["out"]


@pytest.mark.req("G03", part="the records and the place by number, over the API")
def test_the_timeline_of_the_shipment_shows_in_and_out_of_the_warehouse(keeper, carrier, client):
    number = carrier.ship()
    keeper.move("in", number, minutes_ago=30)
    keeper.move("out", number, minutes_ago=10, next_site="CAN-WH")
    told = client.get(f"/api/v1/track?numbers={number}").json()["results"][0]
    assert [(event["milestone"], event["place"]) for event in told["events"]] == [
        ("departed", "上海仓库"), ("arrived", "上海仓库"),
    ]  # fmt: skip
    assert told["events"][0]["next_place"] == "广州仓库"


def test_an_undo_takes_the_movement_from_shelf_and_timeline_and_a_new_scan_stands(keeper, carrier, client):
    number = carrier.ship()
    first = keeper.move("in", number, minutes_ago=9)
    keeper.move("undo", "", minutes_ago=8, undoes=first["id"], site="")
    assert not keeper.ask(number)["present"]
    assert not client.get(f"/api/v1/track?numbers={number}").json()["results"][0]["events"]
    keeper.move("in", number, minutes_ago=7)
    assert len(client.get(f"/api/v1/track?numbers={number}").json()["results"][0]["events"]) == 1


def test_the_same_id_again_is_a_duplicate_and_with_other_content_a_conflict(keeper, carrier):
    told = {"id": "pda-7/1", "verb": "in", "number": carrier.ship(), "site": "SHA-WH", "at": ago(5)}
    assert keeper.post(told, told)["duplicate"] == 1
    assert keeper.post(told)["duplicate"] == 1
    [item] = keeper.post(told | {"verb": "out"})["items"]
    assert (item["result"], item["code"]) == ("rejected", "id_conflict")
    assert len(keeper.ask(told["number"])["movements"]) == 1


def test_two_goods_told_under_one_id_at_the_same_moment_are_one_movement_and_conflicts(keeper, carrier):
    numbers = [carrier.ship() for _ in range(4)]

    def tell(number: str) -> list[str]:
        with closing(connection):
            told = [
                {"id": f"pda-7/{n}", "verb": "in", "number": number, "site": "SHA-WH", "at": ago(5)} for n in range(8)
            ]
            return [keeper.post(each)["items"][0].get("code", "") for each in told]

    with ThreadPoolExecutor(4) as threads:
        codes = list(threads.map(tell, numbers))
    assert [sorted(each) for each in zip(*codes, strict=True)] == [["", *["id_conflict"] * 3]] * 8


def test_a_movement_does_not_take_back_itself(keeper):
    told = {"id": "pda-7/9", "verb": "undo", "undoes": "pda-7/9", "number": "X1", "site": "SHA-WH", "at": ago(5)}
    assert keeper.post(told)["items"][0]["code"] == "invalid_undo"


def test_what_a_late_handheld_sends_takes_its_place_in_time_and_explains_the_flag(keeper, carrier, client):
    number = carrier.ship()
    assert keeper.move("out", number, minutes_ago=5)["flags"] == ["out_without_in"]
    assert keeper.move("in", number, minutes_ago=12)["flags"] == []
    told = keeper.ask(number)
    assert not told["discrepancies"]
    assert [bool(stay["out_at"]) for stay in told["stays"]] == [True]
    events = client.get(f"/api/v1/track?numbers={number}").json()["results"][0]["events"]
    assert [event["milestone"] for event in events] == ["departed", "arrived"]


def test_goods_whose_shipment_is_not_known_yet_are_in_stock_and_join_it_later(keeper, carrier, client):
    assert keeper.move("in", "LATER7788", minutes_ago=3)["is_known"] is False
    assert keeper.ask("LATER7788")["present"]
    carrier.ship(number="LATER7788")
    told = client.get("/api/v1/track?numbers=LATER7788").json()["results"][0]
    assert [event["milestone"] for event in told["events"]] == ["arrived"]


def test_goods_that_turn_up_elsewhere_are_there_alone_and_the_missing_out_is_flagged(
    keeper, carrier, make_staff, make_key, sites
):
    number = carrier.ship()
    keeper.move("in", number, minutes_ago=60)
    make_staff("dispatch", "warehouse", number="D1")
    everywhere = Keeper(make_key("staff:D1", KeyScope.STORAGE_READ, KeyScope.STORAGE_WRITE))
    assert everywhere.move("in", number, site="CAN-WH", minutes_ago=10)["flags"] == ["left_without_out"]
    told = keeper.ask(number)
    assert [stay["site"] for stay in told["present"]] == ["CAN-WH"]


def test_pieces_lie_on_shelves_of_their_own_and_the_waybill_answers_for_all(keeper, carrier):
    number = carrier.ship(pieces=2)
    keeper.move("in", f"{number}/1", minutes_ago=4, location="A-01-01")
    keeper.move("in", f"{number}/2", minutes_ago=3, location="B")
    assert {stay["location"] for stay in keeper.ask(number)["present"]} == {"A-01-01", "B"}
    assert [stay["location"] for stay in keeper.ask(f"{number}/2")["present"]] == ["B"]


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"verb": "locate"}, "missing_location"),
        ({"verb": "locate", "location": "Z-99"}, "unknown_location"),
        ({"verb": "in", "site": "CAN-WH"}, "unknown_site"),
        ({"verb": "in", "number": "LOC:A-01-01"}, "location_as_number"),
        ({"verb": "in", "number": ""}, "missing_number"),
        ({"verb": "in", "at": "tomorrow"}, "invalid_time"),
        ({"verb": "in", "at": "2020-01-01T00:00:00Z"}, "time_too_old"),
        ({"verb": "count", "count": 99}, "unknown_count"),
        ({"verb": "undo", "undoes": "never", "number": "", "site": ""}, "unknown_movement"),
        ({"verb": "fly"}, "invalid_item"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_taken_says_why_and_spoils_no_other(keeper, told, code):
    good = {"id": "ok", "verb": "in", "number": "GOOD1", "site": "SHA-WH", "at": ago(1)}
    done = keeper.post({**good, "id": "bad", **told}, good)
    assert [item["result"] for item in done["items"]] == ["rejected", "accepted"]
    assert done["items"][0]["code"] == code


def test_stock_lists_what_is_there_the_longest_first(keeper, carrier):
    old, new = carrier.ship(), carrier.ship()
    keeper.move("in", new, minutes_ago=10)
    keeper.move("in", old, minutes_ago=80 * 60)
    told = Client().get("/api/v1/storage?site=SHA-WH", headers=keeper.headers).json()
    assert [(row["number"], row["is_overdue"]) for row in told["items"]] == [(old, True), (new, False)]
    assert len(Client().get("/api/v1/storage?overdue=true", headers=keeper.headers).json()["items"]) == 1


def test_nobody_asks_for_goods_that_neither_he_nor_his_site_handled(keeper, carrier, make_staff, make_key, sites):
    keeper.move("in", "SECRET01")
    make_staff("warehouse", number="W9")
    places.assign_staff(system("tests"), site_id=sites["CAN-WH"], staff_number="W9")
    stranger = Keeper(make_key("staff:W9", KeyScope.STORAGE_READ))
    stranger.ask("SECRET01", status=404)
    stranger.ask(carrier.ship(), status=404)
    stranger.post({}, status=403)


def relay() -> None:
    """Let the worker's relay handle all that was published."""
    while outbox.deliver(now=datetime.now(UTC) + timedelta(seconds=1)):
        pass


@pytest.mark.req("G01", part="what is aboard is not in stock, and the missing scan is flagged")
@pytest.mark.req("G03", part="page, API and stock agree on goods that were loaded without a scan out")
def test_what_is_loaded_without_a_scan_out_leaves_stock_and_waits_for_the_clerk(keeper, carrier, clerk, client):
    number = carrier.ship()
    keeper.move("in", number, minutes_ago=180, location="A-01-01")
    carrier.report(number, "stuffed", hours_ago=2, holder={"kind": "bag", "number": "BAG7"})
    relay()
    assert keeper.ask(number)["present"], "a bag may stand on the shelf"
    bag = {"kind": "bag", "number": "BAG7"}
    carrier.post(
        "/api/v1/events",
        [{"unit": bag, "milestone": "loaded", "occurred_at": ago(60), "holder": {"kind": "trip", "number": "T0901"}}],
    )
    relay()
    told = keeper.ask(number)
    assert not told["present"]
    [stay] = told["stays"]
    assert (stay["left"], stay["left_with"], bool(stay["out_at"])) == ("loaded", "T0901", True)
    [flag] = told["discrepancies"]
    assert (flag["kind"], flag["left"], flag["left_with"]) == ("left_without_out", "loaded", "T0901")
    assert not Client().get("/api/v1/storage", headers=keeper.headers).json()["items"]
    assert number not in clerk.get("/app/storage/").content.decode()
    for page in (f"/app/storage/goods/{number}", f"/app/storage/panel/{number}", "/app/storage/discrepancies/"):
        shown = clerk.get(page).content.decode()
        assert "已装车船" in shown, page
        assert "T0901" in shown, page
        assert '#building-warehouse"/></svg>在库' not in shown, page

    keeper.move("out", number, minutes_ago=55)  # the clerk scans out once the lorry is full
    confirmed = keeper.ask(number)
    assert not confirmed["discrepancies"]
    assert confirmed["stays"][0]["left"] == ""


def test_a_load_that_is_corrected_puts_the_goods_back_and_a_delivery_takes_them_out(keeper, carrier):
    number = carrier.ship()
    keeper.move("in", number, minutes_ago=180)
    carrier.report(number, "loaded", hours_ago=2, id="L1", holder={"kind": "trip", "number": "T0902"})
    relay()
    assert keeper.ask(number)["stays"][0]["left"] == "loaded"
    carrier.post("/api/v1/events", [{"number": number, "id": "C1", "retracts": "L1", "occurred_at": ago(30)}])
    relay()
    assert [stay["site"] for stay in keeper.ask(number)["present"]] == ["SHA-WH"]
    assert not keeper.ask(number)["discrepancies"]
    carrier.report(number, "delivered", hours_ago=0.2)
    relay()
    told = keeper.ask(number)
    assert (told["present"], told["stays"][0]["left"]) == ([], "delivered")


def test_a_shipment_has_left_with_the_last_of_its_pieces(keeper, carrier):
    number = carrier.ship(pieces=2)
    keeper.move("in", number, minutes_ago=180)
    for piece, aboard in (("1", True), ("2", False)):
        carrier.report(number, "loaded", hours_ago=2, piece=piece, holder={"kind": "trip", "number": "T0903"})
        relay()
        assert bool(keeper.ask(number)["present"]) is aboard

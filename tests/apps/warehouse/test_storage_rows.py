"""The rows of the warehouse say what the rules say, in whatever order and lots movements arrive, and whoever sends at the same time."""

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.db.utils import DatabaseError

from huoji.apps.shipments.models import Event, Unit
from huoji.apps.shipments.queries.facts import own_facts
from huoji.apps.warehouse.actions import moving, removing
from huoji.apps.warehouse.actions.moving import Result
from huoji.apps.warehouse.models import Discrepancy, Goods, Movement, Stay
from huoji.apps.warehouse.queries.ledger import moves_of
from huoji.core.handling import Asked, move_id
from huoji.core.permission import system
from huoji.core.storage import Verb, fold
from huoji.core.timeline import live

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
ACTOR = system("tests")
START = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=3)
VERBS = (Verb.IN, Verb.IN, Verb.LOCATE, Verb.MOVE, Verb.OUT, Verb.OUT, Verb.UNDO)


def asked(name: str, verb: Verb, number: str, minute: int, *, site="SHA-WH", location="", undoes="") -> Asked:
    at = START + timedelta(minutes=minute)
    return Asked(
        id=move_id("tests", name), verb=verb, number=number, site=site, at=at, told_at=at, location=location,
        next_site="", count=0, voids=move_id("tests", undoes) if undoes else None,
    )  # fmt: skip


def anything(dice: random.Random, number: str) -> list[Asked]:
    """Make a believable mess: two warehouses, slips taken back, scans missing."""
    found: list[Asked] = []
    for index in range(10):
        verb = dice.choice(VERBS) if index else Verb.IN
        location = dice.choice(("A-01-01", "B")) if verb in (Verb.LOCATE, Verb.MOVE) else ""
        undoes = f"{number} {dice.randrange(index)}" if verb is Verb.UNDO else ""
        found.append(
            asked(f"{number} {index}", verb, number, dice.randrange(120), site=dice.choice(("SHA-WH", "SHA-WH", "CAN-WH")), location=location, undoes=undoes)
        )  # fmt: skip
    return found


def record(lot: list[Asked]) -> list[Result]:
    return [outcome.result for outcome in moving.record(lot, moving.recording(ACTOR, now=datetime.now(UTC)))]


def test_rows_and_timeline_agree_with_the_rules_in_any_order_and_lots(sites, carrier):
    dice = random.Random(20261125)
    numbers = [carrier.ship() for _ in range(8)]
    queue = [each for number in numbers for each in anything(dice, number)]
    queue += dice.sample(queue, 20)
    dice.shuffle(queue)
    while queue:
        size = dice.randrange(1, 16)
        record(queue[:size])
        queue = queue[size:]
    for goods in Goods.objects.all():
        shelf = fold(moves_of([goods.pk])[goods.pk])
        rows = list(
            Stay.objects.filter(goods=goods).order_by("since", "until")
            .values_list("site_id", "since", "until", "location_id", "opened_by", "closed_by")
        )  # fmt: skip
        told = [(s.site, s.since, s.until, s.location, s.opened_by, s.closed_by) for s in shelf.stays]
        assert sorted(rows, key=str) == sorted(told, key=str)
        odd = set(Discrepancy.objects.filter(goods=goods, state="open").values_list("kind", "movement"))
        assert odd == {(flag.kind.value, flag.move) for flag in shelf.flags}
        assert standing(goods) == sorted(move.at for move in shelf.told().values())


def standing(goods: Goods) -> list[datetime]:
    """Return when the timeline of the waybill says that it came or left."""
    facts = live(own_facts([goods.waybill_id])[goods.waybill_id])
    return sorted(datetime.fromtimestamp(fact.at, UTC) for fact in facts)


def test_two_devices_that_send_the_same_scans_at_once_make_them_once(sites, carrier):
    numbers = [carrier.ship() for _ in range(12)]
    lot = [asked(f"{number} in", Verb.IN, number, 1) for number in numbers]
    lot += [asked(f"{number} out", Verb.OUT, number, 60) for number in numbers[:6]]

    def send(seed: int) -> list[Result]:
        mine = list(lot)
        random.Random(seed).shuffle(mine)
        try:
            return [result for start in range(0, len(mine), 5) for result in record(mine[start : start + 5])]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=4) as pool:
        results = [result for each in pool.map(send, range(4)) for result in each]
    assert results.count(Result.ACCEPTED) == len(lot)
    assert results.count(Result.DUPLICATE) == 3 * len(lot)
    assert Movement.objects.count() == len(lot)
    assert Stay.objects.filter(until=None).count() == 6
    assert Event.objects.filter(unit_id__in=Unit.objects.filter(number__in=numbers).values("id")).count() == len(lot)


def test_the_database_keeps_the_log_and_goods_at_one_place(sites, carrier):
    record([asked("1", Verb.IN, carrier.ship(), 1)])
    stay = Stay.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        Stay.objects.create(
            goods=stay.goods, site_id=sites["CAN-WH"], since=stay.since, opened_by=move_id("tests", "other")
        )
    for statement in ("UPDATE storage_movement SET verb = 'out'", "DELETE FROM storage_movement"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_goods_that_left_long_ago_are_forgotten_and_what_is_there_stays(sites, carrier, settings):
    gone, there = carrier.ship(), carrier.ship()
    record([asked("1", Verb.IN, gone, 1), asked("2", Verb.OUT, gone, 9), asked("3", Verb.IN, there, 1)])
    now = datetime.now(UTC)
    assert removing.forget(now=now) == 0
    assert removing.forget(now=now + timedelta(days=settings.HUOJI.keep_events_days + 1)) == 1
    assert list(Goods.objects.values_list("number", flat=True)) == [there]


def test_a_site_that_is_removed_takes_along_what_goods_did_there(sites, carrier):
    here, away = carrier.ship(), carrier.ship()
    record([asked("1", Verb.IN, here, 1), asked("2", Verb.IN, away, 1, site="CAN-WH")])
    removing.leave_sites([sites["CAN-WH"]])
    assert list(Stay.objects.values_list("goods__number", flat=True)) == [here]

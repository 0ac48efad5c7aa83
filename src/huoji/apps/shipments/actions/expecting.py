"""Estimate cargo that no run carries: by its plan, by what was told of it, and by what such ways have taught.

An agenda of one narrow row a waybill says when to look again: at news, and when time alone changes the answer. So what
nothing happens to costs nothing.
"""

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from django.db import connection, transaction

from huoji.apps.fleet.queries import forecasts
from huoji.apps.fleet.queries.forecasts import RunAhead
from huoji.apps.shipments.actions import outlooks, teaching
from huoji.apps.shipments.actions.outlooks import CHUNK, Made
from huoji.apps.shipments.queries import onward
from huoji.apps.shipments.queries.onward import Cargo
from huoji.core import eta, outlook, way
from huoji.core.eta import Estimate
from huoji.core.eta_history import History
from huoji.core.milestone import Mode, Status
from huoji.core.moment import CHINA_MIN
from huoji.kit.apart import AGAIN, each_apart

TICK_S_MAX = 12
CARRIED_AGAIN = timedelta(hours=1)  # what a run carries is estimated with it; a load, an unload and its end are news
TAKEN = timedelta(minutes=3)  # after that somebody else looks at what a lost worker took
NOWHERE = RunAhead(
    run_id=0, mode=Mode.UNKNOWN, ahead=(), departed=0, came=0, left_m=-1, seen=0, standing_s=0, off_route_m=0, done_m=0,
    length_m=0, offset_min=CHINA_MIN,
)  # fmt: skip

_LOOK = """
INSERT INTO outlook_due (unit_id, due_at)
SELECT unit_id, %(now)s FROM waybill_state WHERE unit_id = ANY(%(ids)s) ORDER BY unit_id
ON CONFLICT (unit_id) DO UPDATE SET due_at = excluded.due_at WHERE outlook_due.due_at > excluded.due_at
"""
# Taken for a while and not locked: who brings news meanwhile must not wait, and makes it due at once.
_TAKE = """
UPDATE outlook_due d SET due_at = %(taken)s FROM (
    SELECT unit_id FROM outlook_due WHERE due_at <= %(now)s ORDER BY due_at LIMIT %(most)s FOR UPDATE SKIP LOCKED
) n WHERE d.unit_id = n.unit_id RETURNING d.unit_id
"""
_PUT_OFF = """
UPDATE outlook_due d SET due_at = n.due_at FROM unnest(%s::bigint[], %s::timestamptz[]) AS n (unit_id, due_at)
WHERE d.unit_id = n.unit_id AND d.due_at = %s
"""
_STRIKE = "DELETE FROM outlook_due WHERE unit_id = ANY(%s) AND due_at = %s"
# Never waited for: a row that somebody holds is being made due at once, and the relay holds those of many messages.
_HOLD = "SELECT unit_id FROM outlook_due WHERE unit_id = ANY(%s) FOR UPDATE SKIP LOCKED"


def look_again(unit_ids: Collection[int], *, now: datetime) -> None:
    """Put the waybills among these units on the agenda: there is news of them."""
    with connection.cursor() as cursor:
        cursor.execute(_LOOK, {"ids": list(unit_ids), "now": now})


def run_over(run_ids: Collection[int], *, now: datetime) -> None:
    """Put what ended runs still hold on the agenda: no run estimates it any more."""
    aboard = sorted(onward.aboard(run_ids, most=outlooks.CARGO_MAX))
    for start in range(0, len(aboard), CHUNK):
        look_again(aboard[start : start + CHUNK], now=now)


def tick(*, now: datetime) -> int:
    """Estimate what is due, for TICK_S_MAX at most; return how many waybills were looked at."""
    started, done = time.monotonic(), 0
    while looked := _look(now=now):
        done += looked
        if looked < CHUNK or time.monotonic() - started > TICK_S_MAX:
            break  # the longest due come first, so none waits for ever
    return done


def _look(*, now: datetime) -> int:
    """Look at the CHUNK waybills that are due longest; beside other workers, for each takes its own."""
    taken = now + TAKEN
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, {"now": now, "taken": taken, "most": CHUNK})
        ids = [row[0] for row in cursor.fetchall()]
    stuck = each_apart("shipments.expect", ids, lambda some: _look_at(some, taken=taken, now=now), now=now)
    if stuck:
        _put_off(dict.fromkeys(stuck, now + AGAIN), stuck, taken=taken)
    return len(ids)


def _look_at(ids: Sequence[int], *, taken: datetime, now: datetime) -> None:
    """Look at these, and note when to look at each again."""
    cargo = onward.cargo_of(ids)
    over = [each for each in cargo if each.is_over]
    with transaction.atomic():
        teaching.teach([each for each in over if each.status is Status.DELIVERED], now=now)
        outlooks.forget([each.unit_id for each in over], now=now)
    carried = onward.carried([each.unit_id for each in cargo if not each.is_over])
    looks = dict.fromkeys(carried, now + CARRIED_AGAIN)
    looks |= _expect([each for each in cargo if not each.is_over and each.unit_id not in carried], now=now)
    _put_off(looks, ids, taken=taken)


def _put_off(looks: Mapping[int, datetime], ids: Sequence[int], *, taken: datetime) -> None:
    """Note when to look at these again, and strike those of which nothing is awaited; of whom there was news meanwhile is due already."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_HOLD, [list(ids)])
        held = [row[0] for row in cursor.fetchall()]
        later = [unit_id for unit_id in held if unit_id in looks]
        cursor.execute(_PUT_OFF, [later, [looks[unit_id] for unit_id in later], taken])
        cursor.execute(_STRIKE, [[unit_id for unit_id in held if unit_id not in looks], taken])


def _expect(cargo: Sequence[Cargo], *, now: datetime) -> dict[int, datetime]:
    """Estimate these; return when to look at each again, if time alone may change it."""
    made = estimates(cargo, now=now)
    judged = outlooks.keep(made, now=now)
    looks = {}
    for each in made:
        at = outlook.next_look(
            judged[each.cargo.unit_id].memory, each.told.final.interval if each.told else None,
            departs=each.cargo.departs, promise=each.cargo.promise, line=each.cargo.line, now=int(now.timestamp()),
        )  # fmt: skip
        if at is not None:
            looks[each.cargo.unit_id] = datetime.fromtimestamp(at, UTC)
    return looks


def estimates(cargo: Sequence[Cargo], *, now: datetime) -> list[Made]:
    """Estimate waybills that no run carries, with what was learnt read in one go."""
    keys: set[str] = set()
    for each in cargo:
        rest = each.rest()
        keys |= {*forecasts.keys_of(each.legs_ahead()), *rest.ways, *rest.promises}
    known = forecasts.learnt(keys - {""})
    at = int(now.timestamp())
    told = [None if each.is_astray else _estimate(each, known, now=at) for each in cargo]
    return [
        Made(cargo=each, told=way.told_of(made, each.line) if made else None, percent=each.percent_between())
        for each, made in zip(cargo, told, strict=True)
    ]


def _estimate(cargo: Cargo, known: Mapping[str, bytes], *, now: int) -> Estimate | None:
    legs = cargo.legs_ahead()
    if not legs or not legs[-1].arrives:
        return _by_rest(cargo, known, now=now)
    if len(legs) > eta.LEGS_MAX:
        return None
    standing = cargo.standing
    came = standing.came
    if cargo.is_untouched and 0 < legs[0].departs < now:
        came = cargo.told  # it ought to be gone, and nobody has had it in hands
    run = replace(NOWHERE, departed=standing.departed, came=came, untouched=cargo.is_untouched)
    return eta.estimate(forecasts.facts(run, legs, known), now=now)


def _by_rest(cargo: Cargo, known: Mapping[str, bytes], *, now: int) -> Estimate | None:
    """Estimate the way to the delivery as a whole."""
    rest = cargo.rest()
    found = way.rest_leg(
        rest, arrives=cargo.arrives, ways=[forecasts.unpacked(known, key, History) for key in rest.ways],
        promises=[forecasts.unpacked(known, key, History) for key in rest.promises],
    )  # fmt: skip
    if found is None:
        return None
    leg, departed = found
    return eta.estimate(eta.Facts(legs=(leg,), departed=departed), now=now)

"""From the estimates of runs to what is expected of each waybill that they carry."""

import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from huoji.apps.fleet.actions import forecasting as fleet
from huoji.apps.fleet.actions.forecasting import Forecast
from huoji.apps.fleet.queries import forecasts
from huoji.apps.fleet.queries.forecasts import Ahead, RunAhead
from huoji.apps.shipments.actions import expecting, outlooks
from huoji.apps.shipments.actions.outlooks import CARGO_MAX, CHUNK, Made
from huoji.apps.shipments.queries import onward
from huoji.apps.shipments.queries.onward import Cargo
from huoji.core import eta, outlook
from huoji.core.eta import Estimate
from huoji.kit.apart import each_apart

TICK_S_MAX = 12

Legs = tuple[Ahead, ...]


def tick(*, now: datetime) -> int:
    """Estimate the runs that are due and what they carry, for TICK_S_MAX at most; return how many waybills that were."""
    started, done = time.monotonic(), 0
    while run_ids := forecasts.due(now=now, limit=fleet.RUNS_MAX):
        done += _of_runs(_forecast(run_ids, now=now), now=now)
        if time.monotonic() - started > TICK_S_MAX:
            break  # the longest due come first, so none waits for ever
    return done


def _forecast(run_ids: Sequence[int], *, now: datetime) -> dict[int, Forecast]:
    """Estimate runs; put those off at which it fails."""
    made: dict[int, Forecast] = {}
    stuck = each_apart("shipments.forecast", run_ids, lambda some: made.update(fleet.forecast(some, now=now)), now=now)
    if stuck:
        fleet.put_off(stuck, now=now)
    return made


def _of_runs(made: Mapping[int, Forecast], *, now: datetime) -> int:
    """Estimate what runs carry, so many waybills at once however few each of them carries."""
    aboard = onward.aboard(made.keys(), most=CARGO_MAX)
    estimates: dict[tuple[int, Legs], Estimate | None] = {}
    unit_ids = list(aboard)

    def of_cargo(some: Sequence[int]) -> None:
        cargo = onward.cargo_of(some)
        rides = [(each, made[aboard[each.unit_id]]) for each in cargo if not each.is_over]  # whatever was scanned since
        legs = {each.unit_id: _legs(each, forecast.run) for each, forecast in rides}
        new = {(forecast.run.run_id, legs[each.unit_id]): forecast for each, forecast in rides}
        estimates.update(_estimates({key: new[key] for key in new.keys() - estimates.keys()}, now=now))
        own = expecting.estimates([each for each, _ in rides if not legs[each.unit_id]], now=now)
        by_itself = {one.cargo.unit_id: one.told for one in own}  # the run does not lead to where it is bound for
        outlooks.keep([
            Made(
                cargo=each, told=by_itself.get(each.unit_id, estimates[forecast.run.run_id, legs[each.unit_id]]),
                percent=_percent(each, forecast.run, legs[each.unit_id]), run_id=forecast.run.run_id,
            ) for each, forecast in rides
        ], now=now)  # fmt: skip

    for start in range(0, len(unit_ids), CHUNK):
        each_apart("shipments.forecast cargo", unit_ids[start : start + CHUNK], of_cargo, now=now)
    return len(unit_ids)


def _legs(cargo: Cargo, run: RunAhead) -> Legs:
    """Return the legs that are still ahead of a waybill: of the run as far as it rides, then its own; none when the end is not known."""
    ride = list(run.ahead)
    own = cargo.legs_after(run.run_id)
    unload = cargo.unload_site(run.run_id)
    if unload is not None:
        upto = next((number for number, leg in enumerate(ride) if leg.site_id == unload), None)
        ride = ride[: upto + 1] if upto is not None else ride
    legs = (*ride, *own)
    end = legs[-1].site_id if legs else None
    return legs if own or cargo.ends_at(end) else ()


def _estimates(rides: Mapping[tuple[int, Legs], Forecast], *, now: datetime) -> dict[tuple[int, Legs], Estimate | None]:
    """Estimate each way once, whoever else goes it; what was learnt of the legs behind the runs is read in one go."""
    known: dict[str, bytes] = {}
    for forecast in rides.values():
        known |= forecast.known
    known |= forecasts.learnt(forecasts.keys_of(_all_legs(rides)) - known.keys())
    return {
        (run_id, legs): forecast.estimate
        if legs == forecast.run.ahead
        else eta.estimate(forecasts.facts(forecast.run, legs, known), now=int(now.timestamp()))
        if 0 < len(legs) <= eta.LEGS_MAX
        else None
        for (run_id, legs), forecast in rides.items()
    }


def _all_legs(rides: Iterable[tuple[int, Legs]]) -> list[Ahead]:
    return [leg for _, legs in rides for leg in legs]


def _percent(cargo: Cargo, run: RunAhead, legs: Sequence[Ahead]) -> int | None:
    """Return the part of the whole route that is done: the legs before, and the run as far as it has come."""
    before = cargo.metres_before(run.run_id)
    ahead = sum(leg.distance_m for leg in legs)
    if not legs or not ahead:
        return None
    first = legs[0]
    into = max(0, first.distance_m - run.left_m) if run.left_m >= 0 and run.departed else 0
    whole_before = before + max(0, run.done_m - into)
    return outlook.percent(done_m=whole_before + into, whole_m=whole_before + ahead)

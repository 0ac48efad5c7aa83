"""The thermometers of the demonstration: two reefers at sea, one of which grew warm for a while and once fell silent."""

from dataclasses import replace
from datetime import datetime, timedelta
from math import sin

from huoji.apps.fleet.actions import readings
from huoji.apps.shipments.actions import watching
from huoji.apps.shipments.actions.watching import WatchDraft
from huoji.apps.shipments.queries import watches
from huoji.core.demo.dice import Dice
from huoji.core.fleet import Metric
from huoji.core.permission import Actor
from huoji.core.reading import Reading
from huoji.core.sensing import Limit

DAYS = timedelta(days=6)
EVERY_S = 15 * 60
DAY_S = 86_400
CHILLED = Limit(low=2.0, high=8.0, allowed_s=30 * 60, margin=0.5)
MOIST = Limit(high=85.0, allowed_s=60 * 60, margin=2.0)
SILENT_S = (int(3.2 * DAY_S), int(3.35 * DAY_S))  # nothing was heard of it
WARM_S = (int(4.1 * DAY_S), int(4.22 * DAY_S))  # the generator stood still
WARM_BY = 6.5


def load(*, actor: Actor, dataset: str, now: datetime) -> int:
    """Load the readings and watches of two reefers; return how many readings."""
    speaker = replace(actor, dataset=dataset)
    count = 0
    for index, unit_id in enumerate(watches.containers_at_sea(dataset, limit=2)):
        number = f"DEMO-REEFER-{index + 1}"
        terminal = readings.enrol(speaker, [number])[number]
        told = [(terminal, each) for each in _course(number, now=now, is_troubled=not index)]
        for start in range(0, len(told), readings.BATCH_MAX):
            count += sum(readings.store(speaker, told[start : start + readings.BATCH_MAX], source=dataset, now=now))
        for metric, limit in ((Metric.TEMPERATURE, CHILLED), (Metric.HUMIDITY, MOIST)):
            watching.set_watch(
                speaker,
                WatchDraft(unit_id=unit_id, sensor=number, metric=metric, limit=limit, since=now - DAYS),
                now=now,
            )
    return count


def _course(number: str, *, now: datetime, is_troubled: bool) -> list[Reading]:
    dice, end = Dice(number), int(now.timestamp())
    start = end - int(DAYS.total_seconds())
    found = []
    for at in range(start, end, EVERY_S):
        since = at - start
        if is_troubled and SILENT_S[0] <= since < SILENT_S[1]:
            continue
        celsius = 4.6 + sin(at / DAY_S * 6.28) * 0.5 + dice.between(-20, 20) / 100
        if is_troubled and WARM_S[0] <= since < WARM_S[1]:
            part = (since - WARM_S[0]) / (WARM_S[1] - WARM_S[0])
            celsius += WARM_BY * 4 * part * (1 - part)
        found.append(Reading(metric=Metric.TEMPERATURE, at=at, value=round(celsius, 1)))
        humid = 72 + sin(at / DAY_S * 6.28 + 1) * 4 + dice.between(-10, 10) / 10
        found.append(Reading(metric=Metric.HUMIDITY, at=at, value=round(humid, 1)))
    return found

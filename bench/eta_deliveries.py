"""Deliveries of the SCMS file as what they are: days scheduled and delivered, no positions; asked before, and told when recorded.

One pass through time: every question is answered from what had been recorded before its day, so each year is a test on its past.
"""

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench.eta_score import Answer, usual_late_s
from huoji.core.eta import Facts, Leg, estimate
from huoji.core.eta_history import DAY_S, History, Interval, Levels, Past, history_keys
from huoji.core.milestone import Mode

LEADS = (30, 14, 7, 3, 1, 0, -1, -7, -14)  # days to the scheduled one
MODES = {"Air": Mode.AIR, "Air Charter": Mode.AIR, "Truck": Mode.ROAD, "Ocean": Mode.SEA}
DATES = (
    "%Y-%m-%d",
    "%d-%b-%y",
    "%m/%d/%y",
    "%m/%d/%Y",
)  # the first is ours, the others those of copies of the file elsewhere
NOON_S = DAY_S // 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One shipment: its lines had one way and one day, or the last of several counts. Epoch seconds, noon of the day."""

    scheduled: int
    delivered: int
    recorded: int
    shipment_mode: str
    vendor: str
    country: str

    @property
    def mode(self) -> Mode:
        return MODES.get(self.shipment_mode, Mode.UNKNOWN)

    @property
    def keys(self) -> tuple[str, ...]:
        by = f"{self.vendor}/{self.shipment_mode}"
        return history_keys(mode=self.mode, origin=by, destination=self.country, carrier=by, distance_m=0)


def _day(text: str) -> int:
    for form in DATES:
        try:
            return int(datetime.strptime(text.strip(), form).replace(tzinfo=UTC).timestamp()) + NOON_S
        except ValueError:
            continue
    return 0


def read(files: Iterable[Path]) -> list[Delivery]:
    """Read shipments: the lines of one ASN/DN number are one shipment; those without readable days are left out."""
    lines = defaultdict(list)
    for file in files:
        with file.open(encoding="utf-8-sig", errors="replace", newline="") as source:
            for row in csv.DictReader(source):
                lines[row["ASN/DN #"]].append(row)

    def latest(rows: list[dict[str, str]], column: str) -> int:
        return max(_day(row[column]) for row in rows)

    read_ones = (
        Delivery(
            scheduled=latest(rows, "Scheduled Delivery Date"), delivered=latest(rows, "Delivered to Client Date"),
            recorded=latest(rows, "Delivery Recorded Date"), shipment_mode=rows[0]["Shipment Mode"], vendor=rows[0]["Vendor"],
            country=rows[0]["Country"],
        )
        for rows in lines.values()
    )  # fmt: skip
    return [each for each in read_ones if each.scheduled and each.delivered]


def ask(deliveries: list[Delivery], *, leads: Sequence[int] = LEADS) -> Iterator[Answer]:
    """Go through time: learn each delivery when it is recorded, ask each open one at each lead."""
    learnt = sorted(deliveries, key=lambda each: (max(each.recorded, each.delivered), each.scheduled))
    questions = sorted(
        (
            (each.scheduled - lead * DAY_S - NOON_S, number, lead)
            for number, each in enumerate(deliveries)
            for lead in leads
            if each.delivered > each.scheduled - lead * DAY_S - NOON_S
        )
    )
    histories: dict[str, History] = defaultdict(History)
    last_late: dict[str, int] = {}
    levels: dict[str, Levels] = defaultdict(Levels)
    kept: dict[int, Interval] = {}
    told = 0
    for now, number, lead in questions:
        while told < len(learnt) and max(learnt[told].recorded, learnt[told].delivered) < now:
            done = learnt[told]
            late_s = done.delivered - done.scheduled
            for key in done.keys:
                histories[key] = histories[key].learn(Past(at=done.delivered, late_s=late_s))
                last_late[key] = late_s
            if interval := kept.pop(id(done), None):
                levels[done.shipment_mode] = levels[done.shipment_mode].learn(interval, actual=done.delivered)
            told += 1
        asked = deliveries[number]
        answer = _answer(asked, now, lead, histories, last_late, levels[asked.shipment_mode])
        kept.setdefault(id(asked), answer.told)
        yield answer


def _answer(
    asked: Delivery, now: int, lead: int, histories: dict[str, History], last_late: dict[str, int], levels: Levels
) -> Answer:
    known = tuple(histories[key] for key in asked.keys)
    leg = Leg(stop=asked.country, mode=asked.mode, arrives=asked.scheduled, history=known)
    told = estimate(Facts(legs=(leg,), levels=levels), now=now)
    late_s = next((last_late[key] for key in asked.keys if key in last_late), 0)
    assert told.final.interval is not None
    return Answer(
        mode=asked.shipment_mode, lead=f"{lead:+d} d", year=datetime.fromtimestamp(asked.scheduled, UTC).year, now=now,
        actual=asked.delivered, told=told.final.interval, confidence=told.confidence, plan=asked.scheduled,
        last_known=asked.scheduled + late_s,
        usual=asked.scheduled + usual_late_s(known), early=asked.delivered < asked.scheduled,
    )  # fmt: skip

"""Where the demonstration's vehicles and vessels are at any moment, from what is known of their trips and voyages."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from huoji.core.demo.dice import Dice
from huoji.core.demo.journal import HOUR
from huoji.core.demo.model import Passage
from huoji.core.demo.ways import joined, way
from huoji.core.fleet import ConveyanceKind
from huoji.core.geo import LatLon, Path, bearing_deg, to_e6, wrap_lon
from huoji.core.position import Point

FIXED, ACC_ON, FULL = 0b10, 0b01, 0b11 << 8
DRIVE_S, REST_S = 4 * HOUR, 20 * 60
DRIVING_EVERY_S, PARKED_EVERY_S, SAILING_EVERY_S, MOORED_EVERY_S = 180, 840, 840, 840
GAP_PERCENT, GAP_S = 18, (25, 70)  # of passages, minutes: tunnels, mountains, sea out of reach
SILENT_EVERY, SILENT_DIGITS = 23, 11  # every so many trucks, so that there is something to see
JITTER_E6 = 60
STILL_M = 2_000


def is_silent(terminal_number: str) -> bool:
    """Tell whether a truck's terminal is one of the few that have not been heard for hours."""
    return len(terminal_number) == SILENT_DIGITS and int(terminal_number) % SILENT_EVERY == 1


@dataclass(frozen=True, slots=True)
class Journey:
    """The passages of one conveyance in the order of time, each with its way."""

    name: str
    kind: ConveyanceKind
    passages: tuple[Passage, ...]
    paths: tuple[Path, ...]
    starts: tuple[int, ...]

    def at(self, when: int) -> Point:
        """Return where it is at a moment (epoch seconds): on its way, or standing where the last passage ended."""
        index = bisect_right(self.starts, when) - 1
        passage, path = self.passages[max(index, 0)], self.paths[max(index, 0)]
        noise = Dice(f"{self.name} {when}")
        speed, course = 0.0, 0
        if index >= 0 and when < passage.arrives:
            along, speed = self._along(passage, path, when)
            place = path.at_m(along)
            ahead = path.at_m(min(path.length_m, along + STILL_M))
            course = round(bearing_deg(place, ahead)) % 360 if ahead != place else 0
        else:
            place = path.points[-1 if index >= 0 else 0]
        lat, lon = (to_e6(part) + noise.between(-JITTER_E6, JITTER_E6) for part in place)
        return Point(
            at=when, lat_e6=lat, lon_e6=lon, speed_dkmh=max(0, round(speed * 10) + (noise.between(-60, 60) if speed else 0)),
            course_deg=course, altitude_m=0 if self.kind is ConveyanceKind.VESSEL else 20 + noise.below(40),
            status=FIXED | (ACC_ON | FULL if speed and self.kind is ConveyanceKind.VEHICLE else 0),
        )  # fmt: skip

    def _along(self, passage: Passage, path: Path, when: int) -> tuple[float, float]:
        """Return how far it has come, and how fast it goes now: a lorry rests every four hours, a ship never."""
        span, gone = passage.arrives - passage.departs, when - passage.departs
        if self.kind is ConveyanceKind.VESSEL:
            return path.length_m * gone / span, path.length_m / span * 3.6
        turn = DRIVE_S + REST_S
        whole = span // turn * DRIVE_S + min(span % turn, DRIVE_S)
        driven = gone // turn * DRIVE_S + min(gone % turn, DRIVE_S)
        rests = gone % turn >= DRIVE_S
        return path.length_m * driven / whole, 0.0 if rests else path.length_m / whole * 3.6

    def under_way(self, now: int) -> Passage | None:
        """Return the passage that it is on."""
        index = bisect_right(self.starts, now) - 1
        return self.passages[index] if index >= 0 and now < self.passages[index].arrives else None

    def track(self, since: int, until: int) -> Iterator[Point]:
        """Yield what its terminal told: often while it moves, seldom while it stands, and nothing in its gaps."""
        moves, stands = (
            (SAILING_EVERY_S, MOORED_EVERY_S)
            if self.kind is ConveyanceKind.VESSEL
            else (DRIVING_EVERY_S, PARKED_EVERY_S)
        )
        gaps = [gap for passage in self.passages if passage.arrives > since for gap in self._gaps(passage)]
        at = since
        while at < until:
            if not any(start <= at < end for start, end in gaps):
                yield self.at(at)
            at += moves if self.under_way(at) else stands

    def _gaps(self, passage: Passage) -> Iterator[tuple[int, int]]:
        dice = Dice(f"gap {passage.number} {passage.here}")
        if dice.chance(GAP_PERCENT):
            start = passage.departs + dice.between(20, 70) * (passage.arrives - passage.departs) // 100
            yield start, start + dice.between(*GAP_S) * 60


def journeys(
    passages: Sequence[Passage], places: Mapping[str, LatLon], names: Mapping[str, ConveyanceKind]
) -> dict[str, Journey]:
    """Return the journey of each conveyance, by the plate or name that the numbers of its trips and voyages begin with."""
    by_name: dict[str, list[Passage]] = {}
    for passage in passages:
        by_name.setdefault(passage.conveyance, []).append(passage)
    found = {}
    for name, kind in names.items():
        mine = _consistent(sorted(by_name.get(name, ()), key=lambda passage: passage.departs))
        if mine:
            paths = tuple(Path(way(passage.here, passage.there, places)) for passage in mine)
            starts = tuple(passage.departs for passage in mine)
            found[name] = Journey(name, kind, tuple(mine), paths, starts)
    return found


def _consistent(passages: Sequence[Passage]) -> list[Passage]:
    """Leave out what a conveyance cannot have done because it was still on its way elsewhere."""
    kept: list[Passage] = []
    for passage in passages:
        if not kept or passage.departs >= kept[-1].arrives:
            kept.append(passage)
    return kept


class CourseStop(NamedTuple):
    """One stop of a run: when it was planned, and when it truly is, be it past or to come (epoch seconds)."""

    site: str
    planned_arrives: int | None
    planned_departs: int | None
    arrives: int
    departs: int | None


@dataclass(frozen=True, slots=True)
class Course:
    """A trip or voyage as a run: its stops, and its path in microdegrees."""

    kind: str
    number: str
    conveyance: str
    stops: tuple[CourseStop, ...]
    path: tuple[tuple[int, int], ...]

    @property
    def starts(self) -> int:
        return self.stops[0].departs or self.stops[0].arrives

    @property
    def ends(self) -> int:
        return self.stops[-1].arrives


def courses(journey: Journey, places: Mapping[str, LatLon], *, since: int, now: int) -> list[Course]:
    """Return the runs of a journey that have begun and were not over long ago: a trip is one passage, a voyage several."""
    numbers = dict.fromkeys(
        passage.number for passage in journey.passages if passage.departs <= now and passage.arrives >= since
    )
    made = []
    for number in numbers:
        mine = [passage for passage in journey.passages if passage.number == number]
        line = joined([way(passage.here, passage.there, places) for passage in mine])
        path = tuple((to_e6(lat), to_e6(wrap_lon(lon))) for lat, lon in line)
        made.append(
            Course(kind=mine[0].kind, number=number, conveyance=journey.name, stops=tuple(_stops(mine)), path=path)
        )
    return made


def _stops(passages: Sequence[Passage]) -> Iterator[CourseStop]:
    first = passages[0]
    yield CourseStop(first.here, None, first.departs, first.departs - HOUR, first.departs)
    for passage, after in zip(passages, (*passages[1:], None), strict=True):
        leaves = after.departs if after else None
        yield CourseStop(passage.there, passage.planned, leaves, passage.arrives, leaves)

"""Take what AIS feeds heard: positions of our vessels, what they say of themselves, and their emergencies."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b

import msgspec
from django.db import transaction

from huoji.apps.fleet.actions import alarming, vessels
from huoji.apps.fleet.actions.alarming import FROM_RULE, FROM_TERMINAL, Clear, Raise
from huoji.apps.fleet.actions.rows import PointIn
from huoji.apps.fleet.actions.storing import DUPLICATE, Stored, store
from huoji.apps.fleet.actions.vessels import Introduction
from huoji.apps.fleet.models import Alarm, LastPosition, Terminal
from huoji.core import vessel
from huoji.core.alarm import SART
from huoji.core.fleet import ConveyanceKind
from huoji.core.geo import quick_m
from huoji.core.position import Point
from huoji.wire import ais
from huoji.wire.ais import Position, Station

LIVE = timedelta(hours=1)  # an emergency that was told longer ago is history
NEARBY_SEEN = timedelta(hours=6)
STATION_NONE = frozenset({Station.BASE, Station.ATON, Station.AIRCRAFT, Station.BEACON})
_encode = msgspec.json.Encoder().encode


class Heard(msgspec.Struct, frozen=True, gc=False, tag="heard"):
    """A position and when its line came in."""

    position: Position
    received_s: float

    @property
    def mmsi(self) -> str:
        return self.position.mmsi

    @property
    def at(self) -> int:
        base_s = self.received_s if self.position.at_s is None else self.position.at_s
        return ais.at_s(base_s, self.position.second)


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of the positions of a batch: how they were stored, and how many were of vessels that are not ours."""

    stored: Stored
    foreign: int


def take(told: Sequence[Heard | Introduction], *, source: str, keep_all: bool, history: bool, now: datetime) -> Taken:
    """Store a batch. `keep_all` also keeps vessels that are not ours; `history` says that it comes from a recording."""
    heard = [each for each in told if isinstance(each, Heard)]
    introduced = [each for each in told if isinstance(each, Introduction)]
    ships = [each for each in heard if each.position.station not in STATION_NONE]
    roster = vessels.muster(
        now=now,
        mmsis={each.mmsi for each in ships} | {each.mmsi for each in introduced},
        imos={each.static.imo or "" for each in introduced},
    )
    terminals = dict(roster.terminals)
    if keep_all:
        strangers = {each.mmsi for each in ships} - terminals.keys() - roster.vessels.keys()
        terminals |= vessels.enrol_foreign(strangers) if strangers else {}
    ours = [(terminals[each.mmsi], each) for each in ships if each.mmsi in terminals]
    with transaction.atomic():  # so that what comes again after a kill has raised its alarms, or is news
        stored = store([_point(*each, history=history) for each in ours], source=source, now=now)
        if heard and not history:
            _watch(ours, stored, now=now)
            _hear_beacons([each for each in heard if each.position.station is Station.BEACON], now=now)
            _end_beacons(heard_until=_moment(int(max(each.received_s for each in heard))))
    vessels.note_static(introduced, roster=roster)
    return Taken(stored=stored, foreign=len(heard) - len(ours))


def _point(terminal_id: int, heard: Heard, *, history: bool) -> PointIn:
    position = heard.position
    at = heard.at
    content = f"{at},{position.lat_e6},{position.lon_e6},{position.sog_dkn},{position.cog_ddeg},{position.heading},{position.nav}"
    digest = int.from_bytes(blake2b(content.encode(), digest_size=8).digest(), signed=True)
    point = Point(
        at=at, lat_e6=position.lat_e6, lon_e6=position.lon_e6, speed_dkmh=vessel.speed_dkmh(position.sog_dkn),
        course_deg=vessel.course_deg(position.cog_ddeg), status=vessel.status_of(position.nav), history=history,
    )  # fmt: skip
    return PointIn(terminal_id=terminal_id, point=point, digest=digest, raw=_encode(position), nav=position.nav)


# ---- emergencies -----------------------------------------------------------------------------------------------------


def _watch(ours: Sequence[tuple[int, Heard]], stored: Stored, *, now: datetime) -> None:
    """Raise and clear by the newest navigational status of each vessel; what is told for hours is history."""
    newest: dict[int, Heard] = {}
    line = (now - LIVE).timestamp()
    for (terminal_id, heard), outcome in zip(ours, stored.outcomes, strict=True):
        is_wrong = outcome in {"future", "jump"} or (outcome == "invalid" and heard.position.is_placed)
        if heard.position.nav is None or heard.at < line or is_wrong or outcome == DUPLICATE:
            continue
        if terminal_id not in newest or heard.at >= newest[terminal_id].at:
            newest[terminal_id] = heard
    kinds = list(vessel.EMERGENCIES.values())
    open_now = set(
        Alarm.objects.filter(
            terminal_id__in=list(newest), kind__in=kinds, source=FROM_TERMINAL, cleared_at=None
        ).values_list("terminal_id", "kind")
    )
    raised, cleared = [], []
    whose = dict(Terminal.objects.filter(pk__in=list(newest)).values_list("pk", "conveyance_id"))
    for terminal_id, heard in newest.items():
        kind = vessel.emergency_of(heard.position.nav)
        over = tuple(other for other in kinds if other != kind and (terminal_id, other) in open_now)
        if over:
            cleared.append(Clear(terminal_id=terminal_id, kinds=over, source=FROM_TERMINAL, at=_moment(heard.at)))
        if kind and whose.get(terminal_id) is not None:
            facts = {"nav": heard.position.nav}
            raised.append(_alarm(terminal_id, whose[terminal_id], kind, heard, facts, FROM_TERMINAL))
    alarming.turn(raised, cleared)


def _hear_beacons(beacons: Sequence[Heard], *, now: datetime) -> None:
    """Tell the vessels of ours that lie near a distress beacon which is not only tested."""
    calling = (each for each in beacons if each.position.nav == vessel.Nav.SART and each.position.is_placed)
    active = {each.position.mmsi: each for each in calling}
    if not active:
        return
    near = LastPosition.objects.filter(
        at__gt=now - NEARBY_SEEN, terminal__conveyance__kind=ConveyanceKind.VESSEL.value
    ).values_list("terminal_id", "conveyance_id", "lat", "lon")
    raised = {}
    for terminal_id, conveyance_id, lat, lon in near:
        for mmsi, heard in active.items():
            distance_m = quick_m(heard.position.lat_e6, heard.position.lon_e6, lat, lon)
            if distance_m <= vessel.SART_HEARD_M:
                facts = {"beacon": mmsi, "distance_m": int(distance_m)}
                raised[terminal_id] = _alarm(terminal_id, conveyance_id, SART, heard, facts, FROM_RULE)
    alarming.turn(list(raised.values()), [])


def _end_beacons(*, heard_until: datetime) -> None:
    """Clear the alarms of beacons that have not been heard for a while, by the time of those who would hear them."""
    silent = Alarm.objects.filter(
        kind=SART,
        source=FROM_RULE,
        cleared_at=None,
        last_at__lt=heard_until - vessel.SART_SILENT,
        terminal__isnull=False,
    ).values_list("terminal_id", flat=True)
    ended = [Clear(terminal_id=each, kinds=(SART,), source=FROM_RULE, at=heard_until) for each in silent if each]
    alarming.turn([], ended)


def _alarm(
    terminal_id: int, conveyance_id: int | None, kind: str, heard: Heard, facts: Mapping[str, object], source: str
) -> Raise:
    place = heard.position if heard.position.is_placed else None
    return Raise(
        terminal_id=terminal_id, conveyance_id=conveyance_id, kind=kind, source=source, at=_moment(heard.at),
        lat=place.lat_e6 if place else None, lon=place.lon_e6 if place else None, facts=dict(facts),
    )  # fmt: skip


def _moment(at: int) -> datetime:
    return datetime.fromtimestamp(at, UTC)

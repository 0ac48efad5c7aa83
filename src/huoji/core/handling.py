"""Movements and shelves as they come in through a door: read, checked, with the sender's wrong clock put right."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid5

import msgspec

from huoji.core.items import ItemError
from huoji.core.moment import MomentError, parse
from huoji.core.numbers import half_width, normalise
from huoji.core.storage import Verb

ID_MAX, NUMBER_MAX, SITE_MAX = 80, 80, 120
BACK_MAX = timedelta(days=30)  # a movement older than this is history, which an import brings in
AHEAD_MAX = timedelta(minutes=10)
SKEW_MIN = timedelta(seconds=30)  # less than this is the way through the network, not a wrong clock
SKEW_MAX = timedelta(days=400)
LOCATIONS_MAX = 5_000  # of one site
PASTE_MAX = 2_000  # of one paste

LOCATION_PREFIX = "LOC:"  # a shelf's barcode begins so, and no number of goods does
LOCATION_SHAPE = re.compile(r"[A-Z0-9]{1,8}(-[A-Z0-9]{1,8}){0,2}")
FRACTION = re.compile(r":\d{2}[.,](\d{1,9})")
_SPACE = UUID("6a3f0c52-7d0e-5a0b-9c55-4b7b1f1d8a10")


class MoveTold(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One movement as it stands in a JSON body; `id` is the sender's own, and the same id again changes nothing."""

    id: str
    verb: Verb
    number: str = ""
    site: str = ""
    at: str
    location: str = ""
    next_site: str = ""
    count: int = 0
    undoes: str = ""


_LIMITS = (("id", ID_MAX), ("undoes", ID_MAX), ("number", NUMBER_MAX), ("site", SITE_MAX), ("next_site", SITE_MAX))


class MoveError(ItemError):
    """The movement cannot be taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A movement that is well formed; `told_at` is the sender's clock, `at` what we make of it."""

    id: UUID
    verb: Verb
    number: str
    site: str
    at: datetime
    told_at: datetime
    location: str
    next_site: str
    count: int
    voids: UUID | None


def move_id(source: str, told: str) -> UUID:
    """Return our id of a movement: two sources may use the same id for two things."""
    return uuid5(_SPACE, f"{source}\n{told}")


def location_code(text: str) -> str:
    """Return a shelf's code as it is stored: `A-01-03` from the text of its barcode or what somebody typed."""
    code = half_width(text).strip().upper()
    while code.startswith(LOCATION_PREFIX):
        code = code.removeprefix(LOCATION_PREFIX).strip()
    return code


def skew(sent_at: datetime, *, now: datetime) -> timedelta:
    """Return by how much a device's clock is behind ours; nothing when that may be the way through the network."""
    behind = now - sent_at
    if abs(behind) > SKEW_MAX:
        raise MoveError("invalid_time", "The device's clock is more than a year wrong; set it.")
    return behind if abs(behind) > SKEW_MIN else timedelta(0)


def check(
    told: MoveTold, *, source: str, now: datetime, assumed_offset_min: int, behind: timedelta = timedelta(0)
) -> Asked:
    """Return what is asked for, or raise MoveError; `behind` is what the sender's clock lacks."""
    for name, limit in _LIMITS:
        value = getattr(told, name)
        if len(value) > limit or "\x00" in value:
            raise MoveError("too_long", f"`{name}` has at most {limit} characters and no NUL.")
    if not told.id:
        raise MoveError("missing_id", "Give each movement an `id` of your own, such as a UUID.")
    if bool(told.undoes) != (told.verb is Verb.UNDO):
        raise MoveError("invalid_undo", "`undoes` names the movement to take back, with the verb `undo` alone.")
    if told.undoes == told.id:
        raise MoveError("invalid_undo", "A movement does not take back itself; give the undo an `id` of its own.")
    number, code = normalise(told.number), location_code(told.location)
    if told.verb is not Verb.UNDO:
        _check_goods(told, number=number, code=code)
    at = _moment(told.at, assumed_offset_min=assumed_offset_min)
    _check_time(at + behind, now=now)
    return Asked(
        id=move_id(source, told.id), verb=told.verb, number=number, site=told.site.strip(), at=min(at + behind, now),
        told_at=at, location=code, next_site=told.next_site.strip(), count=told.count,
        voids=move_id(source, told.undoes) if told.undoes else None,
    )  # fmt: skip


def _check_goods(told: MoveTold, *, number: str, code: str) -> None:
    if not number:
        raise MoveError("missing_number", "Give `number`: the waybill, or waybill/piece.")
    if told.number.strip().upper().startswith(LOCATION_PREFIX):
        raise MoveError("location_as_number", "This is the barcode of a shelf, not of goods; scan the goods.")
    if not told.site.strip():
        raise MoveError("missing_site", "Give `site`: the code of the warehouse.")
    if told.verb in (Verb.LOCATE, Verb.MOVE) and not code:
        raise MoveError("missing_location", "Give `location`: the shelf that the goods are put on.")
    if code and not LOCATION_SHAPE.fullmatch(code):
        raise MoveError("invalid_location", "A shelf is written area-row-slot, such as A-01-03.")
    if (told.verb is Verb.COUNT) != bool(told.count):
        raise MoveError("invalid_count", "`count` names the count sheet, with the verb `count` alone.")


def _moment(text: str, *, assumed_offset_min: int) -> datetime:
    """Read a time with its fraction of a second, which a scanner needs to keep its order."""
    fraction = FRACTION.search(text)
    try:
        at = parse(text, assumed_offset_min=assumed_offset_min).at
    except MomentError as error:
        raise MoveError("invalid_time", "`at` must be ISO 8601, such as 2026-11-23T14:05:00+08:00.") from error
    return at.replace(microsecond=int(fraction[1][:6].ljust(6, "0"))) if fraction else at


def _check_time(at: datetime, *, now: datetime) -> None:
    if at > now + AHEAD_MAX:
        raise MoveError("time_ahead", "`at` lies in the future; check the clock of the device.")
    if at < now - BACK_MAX:
        raise MoveError("time_too_old", f"`at` is more than {BACK_MAX.days} days ago; enter it as an event instead.")


@dataclass(frozen=True, slots=True, kw_only=True)
class LocationParts:
    """A shelf's code in its parts; row and slot are empty for a whole area or row."""

    code: str
    area: str
    row: str
    slot: str


def parts_of(code: str) -> LocationParts:
    """Cut a shelf's code, or raise MoveError."""
    if not LOCATION_SHAPE.fullmatch(code):
        raise MoveError("invalid_location", "A shelf is written area-row-slot, such as A-01-03.")
    area, row, slot = (*code.split("-"), "", "")[:3]
    return LocationParts(code=code, area=area, row=row, slot=slot)


RANGE = re.compile(r"([A-Z0-9]*?)(\d+)~(\d+)")


def pasted(text: str) -> tuple[list[LocationParts], list[str]]:
    """Read a pasted list of shelves, one or several a line; return them once each, and what is no shelf.

    `A-01~12-01~06` stands for twelve rows of six slots.
    """
    found: dict[str, LocationParts] = {}
    wrong: list[str] = []
    for word in re.split(r"[\s,;，；、]+", half_width(text).strip()):
        if not word:
            continue
        try:
            for code in _spread(location_code(word)):
                found.setdefault(code, parts_of(code))
        except MoveError as error:
            if error.code == "too_many_locations":
                raise
            wrong.append(word)
        if len(found) > PASTE_MAX:
            raise MoveError("too_many_locations", f"At most {PASTE_MAX} shelves at once; paste them in several lots.")
    return list(found.values()), wrong


def _spread(code: str) -> Sequence[str]:
    """Return the codes that a code with ranges stands for."""
    spread = [""]
    for part in code.split("-"):
        ranged = RANGE.fullmatch(part)
        if ranged is None:
            words: Sequence[str] = [part]
        else:
            prefix, first, last = ranged.groups()
            if not int(first) <= int(last) < int(first) + PASTE_MAX:
                raise MoveError("invalid_location", "A range runs upward, such as 01~12.")
            words = [f"{prefix}{n:0{len(first)}d}" for n in range(int(first), int(last) + 1)]
        spread = [f"{head}-{word}" if head else word for head in spread for word in words]
        if len(spread) > PASTE_MAX:
            raise MoveError("too_many_locations", f"At most {PASTE_MAX} shelves at once; paste them in several lots.")
    return spread

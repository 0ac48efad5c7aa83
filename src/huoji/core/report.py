"""A report: one event as a source tells it, checked once at the door and carried inside as is."""

import re
from collections.abc import Callable
from enum import StrEnum
from hashlib import blake2b
from operator import attrgetter

import msgspec

from huoji.core.custody import may_hold
from huoji.core.items import ItemError
from huoji.core.milestone import UNKNOWN_MEANING, Classifier, Meaning, Milestone, Mode, Reason
from huoji.core.moment import CHINA_MIN, Moment, MomentError, parse
from huoji.core.numbers import normalise
from huoji.core.scrub import scrub

FREE_TEXT = "text"  # the provider of an event that was read out of words, not told by a code
ID_MAX, TEXT_MAX, PLACE_MAX, CODE_MAX, NUMBER_MAX, PIECE_MAX, BLOBS_MAX = 160, 300, 120, 80, 80, 40, 12


class Target(StrEnum):
    """What a report's number names: a waybill by its own number, a unit of a kind, or a reference to a waybill."""

    WAYBILL = "waybill"
    PIECE = "piece"
    BAG = "bag"
    PALLET = "pallet"
    TRIP = "trip"
    VOYAGE = "voyage"
    CONTAINER = "container"
    EPC = "epc"
    ORDER = "order"
    BOOKING = "booking"
    BILL = "bill"
    CONTAINER_NUMBER = "container_number"
    CUSTOMER = "customer"
    CARRIER = "carrier"
    SOURCE = "source"


REFERENCES = frozenset({Target.ORDER, Target.CONTAINER_NUMBER, Target.CUSTOMER, Target.CARRIER})
HOLDERS = (Target.VOYAGE, Target.TRIP, Target.CONTAINER, Target.PALLET, Target.BAG, Target.EPC)


class Name(msgspec.Struct, frozen=True):
    """A unit or a reference by its kind and number."""

    kind: str
    number: str


class Told(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One event as it stands in a JSON body."""

    occurred_at: str
    number: str = ""
    unit: Name | None = None
    id: str = ""
    classifier: str = "ACT"
    milestone: str = ""
    provider: str = ""
    code: str = ""
    reason: str = ""
    place: str = ""
    next_place: str = ""
    mode: str = ""
    holder: Name | None = None
    piece: str = ""
    text: str = ""
    retracts: str = ""
    signed_by: str = ""
    blobs: tuple[str, ...] = ()
    note: str = ""


class Report(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A checked event about one unit; `at` in epoch seconds UTC, `key` and `digest` its identity and content.

    `version` orders the contents of one event where its source says which is newer (0: in the order of arrival); `raw` is the
    foreign document's own JSON, kept as evidence.
    """

    target: str
    number: str
    key: int
    digest: int
    at: int
    precision: int
    offset_min: int
    offset_assumed: bool
    classifier: str
    milestone: str
    reason: str = ""
    source_event_id: str = ""
    provider: str = ""
    code: str = ""
    text: str = ""
    place: str = ""
    next_place: str = ""
    mode: str = "unknown"
    holder: tuple[str, str] = ("", "")
    piece: str = ""
    voids: int = 0
    signed_by: str = ""
    blobs: tuple[str, ...] = ()
    note: str = ""
    unmapped: bool = False
    version: int = 0
    raw: bytes = b""


class ReportError(ItemError):
    """The event cannot be taken."""


def identity(*parts: str) -> int:
    """Return a signed 64-bit digest of the parts; never 0, which means none."""
    raw = blake2b("\x1f".join(parts).encode(), digest_size=8).digest()
    return int.from_bytes(raw, "big", signed=True) or 1


_MILESTONES = frozenset(Milestone)
_REASONS = frozenset(Reason)
_MODES = frozenset(Mode)
_CLASSIFIERS = frozenset(Classifier)
_TARGETS = frozenset(Target)
_HOLDERS = frozenset(HOLDERS)
_PIECED = REFERENCES | {Target.WAYBILL, Target.SOURCE}  # what names a shipment, which alone has pieces
_SHA256 = re.compile(r"[0-9a-f]{64}")
_LIMITS = (
    ("id", ID_MAX), ("retracts", ID_MAX), ("place", PLACE_MAX), ("next_place", PLACE_MAX), ("code", CODE_MAX),
    ("number", NUMBER_MAX), ("piece", PIECE_MAX), ("signed_by", PLACE_MAX), ("note", 500), ("provider", 20),
)  # fmt: skip
_TEXTS = attrgetter(*(field for field, _ in _LIMITS))


def check(
    told: Told,
    *,
    source: str,
    assumed_offset_min: int,
    meaning: Callable[[str, str], Meaning],
) -> Report:
    """Turn a told event into a report, or raise ReportError with a stable code.

    Free text is scrubbed of phones and names here, so that no later row can hold them.
    """
    _check_lengths(told)
    target, number = _target(told)
    holder = _holder(told)
    if holder[0] and not may_hold(holder, (target, number)):
        raise ReportError("invalid_holder", f"A {target} cannot be in this {holder[0]}; name what really held it.")
    moment = _moment(told, assumed_offset_min)
    milestone, reason, unmapped = _meaning(told, meaning)
    mode = told.mode or Mode.UNKNOWN.value
    at = int(moment.at.timestamp())
    place, next_place = told.place.strip(), told.next_place.strip()
    text = scrub(told.text)[:TEXT_MAX] if told.text else ""
    content = (
        str(at), str(int(moment.precision)), str(moment.offset_min), told.classifier, milestone, reason, told.provider,
        told.code, place, next_place, mode, *holder, told.piece, text, told.retracts,
    )  # fmt: skip
    return Report(
        target=target,
        number=number,
        key=_key(told, source, content),
        digest=identity(*content),
        at=at,
        precision=int(moment.precision),
        offset_min=moment.offset_min,
        offset_assumed=moment.offset_assumed,
        classifier=told.classifier,
        milestone=milestone,
        reason=reason,
        source_event_id=told.id,
        provider=told.provider,
        code=told.code,
        text=text,
        place=place,
        next_place=next_place,
        mode=mode,
        holder=holder,
        piece=told.piece,
        voids=identity(source, told.retracts) if told.retracts else 0,
        signed_by=told.signed_by,
        blobs=told.blobs,
        note=told.note,
        unmapped=unmapped,
    )


def _check_lengths(told: Told) -> None:
    texts: tuple[str, ...] = _TEXTS(told)
    for text, (field, limit) in zip(texts, _LIMITS, strict=True):
        if len(text) > limit:
            raise ReportError("too_long", f"`{field}` is longer than {limit} characters; shorten it.")
    names = [name.number for name in (told.unit, told.holder) if name]
    if "\x00" in "".join((told.text, *texts, *names)):
        raise ReportError("invalid_text", "A NUL character cannot be stored; remove it.")
    if told.classifier not in _CLASSIFIERS:
        raise ReportError("invalid_classifier", "`classifier` must be PLN, EST or ACT.")
    if told.mode and told.mode not in _MODES:
        raise ReportError("invalid_mode", f"`mode` must be one of {', '.join(Mode)}.")
    if len(told.blobs) > BLOBS_MAX:
        raise ReportError("too_many", f"At most {BLOBS_MAX} pictures an event.")
    if not all(map(_SHA256.fullmatch, told.blobs)):
        raise ReportError("invalid_blob", "`blobs` must name pictures by their SHA-256: 64 digits from 0 to f.")
    if told.piece and told.unit and told.unit.kind not in _PIECED:
        raise ReportError("invalid_piece", "`piece` belongs to a shipment; leave it out for other units.")


def _moment(told: Told, assumed_offset_min: int) -> Moment:
    try:
        return parse(told.occurred_at, assumed_offset_min=assumed_offset_min)
    except MomentError as error:
        raise ReportError(
            "invalid_time", "`occurred_at` must be ISO 8601, such as 2026-11-23T14:05:00+08:00."
        ) from error


def _key(told: Told, source: str, content: tuple[str, ...]) -> int:
    """Return the event's identity: the source's own id of it, or its content; a retraction has one of its own."""
    if told.retracts:
        return identity(source, "~void", told.id, told.retracts)
    return identity(source, told.id) if told.id else identity(source, "", *content)


def _target(told: Told) -> tuple[str, str]:
    if told.unit is None:
        number = normalise(told.number)
        if not number:
            raise ReportError("missing_number", "Give `number` (a waybill number) or `unit` (kind and number).")
        return Target.WAYBILL.value, number
    if told.number:
        raise ReportError("two_targets", "Give either `number` or `unit`, not both.")
    return _named(told.unit, frozenset(_TARGETS), "unit")


def _holder(told: Told) -> tuple[str, str]:
    if told.holder is None:
        return ("", "")
    return _named(told.holder, _HOLDERS, "holder")


def _named(name: Name, kinds: frozenset[Target], field: str) -> tuple[str, str]:
    if name.kind not in kinds:
        raise ReportError("invalid_unit", f"`{field}.kind` must be one of {', '.join(sorted(kinds))}.")
    number = name.number.strip() if name.kind == Target.EPC else normalise(name.number)
    if not number or len(number) > ID_MAX:
        raise ReportError("invalid_unit", f"`{field}.number` must have 1 to {ID_MAX} characters.")
    return name.kind, number


def _meaning(told: Told, meaning: Callable[[str, str], Meaning]) -> tuple[str, str, bool]:
    """Return (milestone, reason, unmapped), from our own words or from the provider's code."""
    if told.reason and told.reason not in _REASONS:
        raise ReportError("invalid_reason", f"`reason` must be one of {', '.join(r for r in Reason if r)}.")
    if told.milestone:
        if told.milestone not in _MILESTONES:
            raise ReportError("invalid_milestone", f"`milestone` must be one of {', '.join(Milestone)}.")
        return told.milestone, told.reason, False
    if told.retracts:
        return Milestone.INFO.value, told.reason, False
    if not (told.provider and told.code):
        raise ReportError("missing_milestone", "Give `milestone`, or `provider` and `code`.")
    found = meaning(told.provider, told.code)
    return found.milestone.value, told.reason or found.reason.value, found is UNKNOWN_MEANING


def correction(unit_id: int, target: int, *, source: str, at: int, why: str, note: str = "") -> Report:
    """Return a report that takes back the event of a key."""
    key = identity(source, why, str(unit_id), str(target))
    return Report(
        target="", number="", key=key, digest=identity(str(target), note), at=at, precision=2, offset_min=CHINA_MIN,
        offset_assumed=False, classifier="ACT", milestone="info", voids=target, note=note,
    )  # fmt: skip

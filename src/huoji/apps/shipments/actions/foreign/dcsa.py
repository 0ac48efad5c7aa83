"""DCSA Track & Trace: what an event says of bookings, bills, containers and the voyage that carries them."""

from huoji.apps.shipments.actions.foreign.telling import Telling, offset_of, raw, report
from huoji.core.milestone import Meaning, Milestone, Mode, Reason
from huoji.core.milestones import meaning
from huoji.core.numbers import normalise
from huoji.core.report import NUMBER_MAX, Report, Target, identity
from huoji.core.scrub import scrub
from huoji.wire.dcsa import Event, EventType, Party, TransportCall

Name = tuple[str, str]

TARGETS = {
    "BKG": Target.BOOKING,
    "CBR": Target.BOOKING,
    "TRD": Target.BILL,
    "EQ": Target.CONTAINER_NUMBER,
}
MODES = {"VESSEL": Mode.SEA, "BARGE": Mode.INLAND_WATER, "RAIL": Mode.RAIL, "TRUCK": Mode.ROAD}
INBOUND = ("ARRI", "DISC")  # told under the voyage that brought it in; everything else under the one that takes it out
ABOARD = ("LOAD", "DISC")
WEATHER = "WEA"
VERSION_TIE_BITS = 20
FREE_TEXTS = frozenset({"changeRemark", "reason", "otherFacility", "feedbackMessage"})
PRIVATE = frozenset({"name", "street", "streetNumber", "floor"})  # of an address: a person's, as far as we know


def key_of(event_id: str, originator: Party | None, *, source: str) -> int:
    """Return the identity of an event: its id within whoever published it."""
    return identity(*_identity(event_id, originator, source))


def tell(event: Event, *, source: str) -> Telling:
    """Say what the event means for each number that it names, and for the voyage."""
    names = list(dict.fromkeys((*_references(event), *_voyage_of(event))))
    return Telling(path=event.path, reports=tuple(_report(event, name, source) for name in names))


def correction(key: int, name: Name, *, source: str, at: int) -> Report:
    """Take back every version of an event for one unit; told again, it is the same correction."""
    mine = identity(source, "~retracted", str(key))
    return Report(
        target=name[0], number=name[1], key=mine, digest=mine, at=at, precision=2, offset_min=0, offset_assumed=False,
        classifier="ACT", milestone=Milestone.INFO.value, provider="dcsa", voids=key,
    )  # fmt: skip


def labels(event: Event) -> dict[Name, str]:
    """Say what people call the voyage: the vessel's name and the voyage number."""
    call = event.call
    if call is None or not call.vessel_name:
        return {}
    return {name: f"{call.vessel_name} {name[1].rpartition('/')[2]}".strip() for name in _voyages(event, call)}


def _identity(event_id: str, originator: Party | None, source: str) -> tuple[str, ...]:
    party = (originator.list_provider, originator.list_name, originator.code) if originator else ("", "", "")
    return (source, "dcsa", *party, event_id)


def _references(event: Event) -> list[Name]:
    found = [(TARGETS[each.type].value, normalise(each.value)) for each in event.references if each.type in TARGETS]
    return [name for name in found if 0 < len(name[1]) <= NUMBER_MAX]


def _voyage_of(event: Event) -> list[Name]:
    """Name the voyage as a unit of its own when the vessel itself moved."""
    return _voyages(event, event.call) if event.type is EventType.TRANSPORT and event.call else []


def _voyages(event: Event, call: TransportCall) -> list[Name]:
    told = (call.import_voyage, call.export_voyage)
    inbound = event.code.partition("/")[0] in INBOUND
    number = normalise(next((voyage for voyage in (told if inbound else told[::-1]) if voyage), ""))
    return [(Target.VOYAGE.value, f"IMO{call.vessel_imo}/{number}")] if call.vessel_imo and number else []


def _holder(event: Event) -> Name:
    """Name the voyage that a container is loaded onto or discharged from."""
    if event.call is None or event.code.partition("/")[0] not in ABOARD or event.type is not EventType.EQUIPMENT:
        return ("", "")
    return next(iter(_voyages(event, event.call)), ("", ""))


def _report(event: Event, name: Name, source: str) -> Report:
    digest = identity(event.content_id)
    updated = int(event.updated_at.timestamp())
    return report(
        name,
        identity_of=_identity(event.id, event.originator, source),
        content=(event.content_id, str(updated)),
        at=event.event_time,
        offset_min=offset_of(event.event_time),
        meant=meaning("dcsa", event.code),
        reason=_reason(event).value,
        provider="dcsa",
        code=event.code,
        classifier=event.classifier,
        source_event_id=event.id,
        place=event.place.un_location_code or event.place.name or event.place.city,
        mode=(MODES.get(event.call.mode, Mode.UNKNOWN) if event.call else Mode.UNKNOWN).value,
        holder=_holder(event) if name[0] != Target.VOYAGE else ("", ""),
        text=event.remark,
        version=max(updated, 1) << VERSION_TIE_BITS | digest & (1 << VERSION_TIE_BITS) - 1,
        raw=raw(scrubbed(event.raw)),
    )


def _reason(event: Event) -> Reason:
    """Say why it is late; a reason of the milestone's own goes first."""
    meant: Meaning = meaning("dcsa", event.code)
    if meant.reason or not event.delay_reasons:
        return meant.reason
    return Reason.WEATHER if WEATHER in event.delay_reasons else Reason.DELAYED


def scrubbed(told: object, *, key: str = "") -> object:
    """Copy a document without streets and names of persons, and with its remarks scrubbed."""
    match told:
        case dict():
            inside = "address" in key.lower()
            return {name: scrubbed(value, key=name) for name, value in told.items() if not (inside and name in PRIVATE)}
        case list():
            return [scrubbed(value, key=key) for value in told]
        case str() if key in FREE_TEXTS:
            return scrub(told)
        case _:
            return told

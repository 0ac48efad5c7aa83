"""EPCIS: what an event says of each EPC that it names, and which of them holds which."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from msgspec import structs

from huoji.apps.shipments.actions.foreign.telling import Telling, raw, report
from huoji.core.milestone import Meaning, Milestone
from huoji.core.milestones import meaning
from huoji.core.report import Report, Target, identity
from huoji.wire import Fault, epcis
from huoji.wire.epcis import Action, Containment, Event

NOTE_MAX = 500
EPC_MAX = 120  # characters of the one name of an EPC
INFO = Meaning(Milestone.INFO)
Name = tuple[str, str]


def name_of(epc: str) -> Name:
    """Return the unit of an EPC: URN and Digital Link of one thing are one unit."""
    return Target.EPC.value, epcis.identify(epc).canonical


def emptied(event: Event) -> str:
    """Return the parent that an event says holds nothing any more, without naming what it held."""
    box = epcis.containment(event)
    return box.parent if box and box.action is Action.DELETE and not box.children else ""


def fault_of(event: Event) -> Fault | None:
    """Say what we cannot keep of a sound event: the name of a thing that is longer than any key of GS1."""
    if all(len(name_of(epc)[1]) <= EPC_MAX for epc in _subjects(event)):
        return None
    return Fault(event.path, "too_long", f"names something with more than {EPC_MAX} characters")


def tell(event: Event, *, source: str, held: Iterable[str] = ()) -> Telling:
    """Say what the event means for each unit; `held` are the EPCs that an emptied parent held."""
    box = epcis.containment(event)
    if box and not box.children:
        box = Containment(parent=box.parent, children=tuple(held), action=box.action)
    told = _corrections(event, box, source) if event.error else _events(event, box, source)
    return Telling(path=event.path, reports=tuple(told))


def with_waybills(telling: Telling, waybills: Mapping[str, Name]) -> Telling:
    """Let what is told of an EPC be told of the waybill too that carries it as a reference."""
    also = [
        structs.replace(each, target=name[0], number=name[1])
        for each in telling.reports
        if (name := waybills.get(each.number))
    ]
    return Telling(path=telling.path, reports=(*telling.reports, *also)) if also else telling


def _subjects(event: Event) -> list[str]:
    """List what an event is about: its EPCs, else classes of things, else the device or place that measured."""
    classes = (*event.quantities, *event.child_quantities, *event.input_quantities, *event.output_quantities)
    named = [*epcis.subjects(event), *(quantity.epc_class for quantity in classes)]
    if not named:
        devices = [sensor.device_id for sensor in event.sensors if sensor.device_id]
        named = devices or [event.read_point or event.biz_location or event.id]
    return list(dict.fromkeys(named))


def _events(event: Event, box: Containment | None, source: str) -> list[Report]:
    meant = meaning("epcis", event.code)
    children = frozenset(box.children) if box else frozenset()
    raw_json = raw(event.raw)

    def told(epc: str, role: str, says: Meaning, holder: str = "") -> Report:
        return report(
            name_of(epc), identity_of=(source, role, event.id), content=(event.content_id, role),
            at=event.event_time, offset_min=event.event_offset_min, meant=says, provider="epcis", code=event.code,
            source_event_id=event.id, place=event.read_point or event.biz_location, raw=raw_json,
            holder=name_of(holder) if holder else ("", ""),
        )  # fmt: skip

    reports = []
    for epc in _subjects(event):
        if box is None or epc not in children:
            reports.append(told(epc, "", meant))
        elif box.action is Action.OBSERVE:
            reports.append(told(epc, "", meant, box.parent))
        elif box.action is Action.ADD:  # from now on the parent's own event is the child's too
            reports.append(told(epc, "held", Meaning(Milestone.LOADED), box.parent))
        else:
            reports.append(told(epc, "held", Meaning(Milestone.UNLOADED), box.parent))
            if meant.milestone is not Milestone.UNLOADED:
                reports.append(told(epc, "", meant))
    if box and box.action is Action.DELETE:
        named = set(_subjects(event))
        reports += [
            told(epc, "held", Meaning(Milestone.UNLOADED), box.parent) for epc in box.children if epc not in named
        ]
    return reports


def _corrections(event: Event, box: Containment | None, source: str) -> list[Report]:
    """Take back what the event told of each unit; which events hold instead is said in the note."""
    declared = event.error
    assert declared is not None
    voided = {role: identity(source, role, event.id) for role in ("", "held")}
    children = frozenset(box.children) if box else frozenset()
    heard = str(int(declared.declared_at.timestamp()))
    note = " ".join((declared.reason or "declared_wrong", *declared.corrective_event_ids))[:NOTE_MAX]
    raw_json = raw(event.raw)
    reports = []
    for epc in dict.fromkeys((*_subjects(event), *children)):
        for role, key in voided.items():
            if role and epc not in children:
                continue
            reports.append(
                _correction(event, name_of(epc), (source, "~error", role, event.id, heard), key, declared.declared_at,
                            note=note, raw=raw_json)
            )  # fmt: skip
    return reports


def _correction(
    event: Event, name: Name, identity_of: tuple[str, ...], voids: int, at: datetime, *, note: str, raw: bytes
) -> Report:
    return report(
        name, identity_of=identity_of, content=(*identity_of, note), at=at, offset_min=event.event_offset_min,
        meant=INFO, provider="epcis", code=event.code, source_event_id=event.id, voids=voids, note=note, raw=raw,
    )  # fmt: skip

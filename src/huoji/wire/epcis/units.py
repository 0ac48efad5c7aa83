"""Which things an event is about, and what it says of which thing holds which, so that an app can keep custody."""

from dataclasses import dataclass

from huoji.wire.epcis.model import Action, Event, EventType


@dataclass(frozen=True, slots=True, kw_only=True)
class Containment:
    """From the event's time on, `parent` holds `children` (ADD), no longer holds them (DELETE; no children: none at all), or was seen to (OBSERVE)."""

    parent: str
    children: tuple[str, ...]
    action: Action


@dataclass(frozen=True, slots=True, kw_only=True)
class Transformation:
    """The inputs end and the outputs begin; either side may be told by another event of the same `id`."""

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    id: str = ""


def subjects(event: Event) -> tuple[str, ...]:
    """List the EPCs that an event is about, each once: the parent first, then what it names in the document's order."""
    named = (event.parent_id, *event.epcs, *event.children, *event.inputs, *event.outputs)
    return tuple(dict.fromkeys(epc for epc in named if epc))


def containment(event: Event) -> Containment | None:
    """Say what an aggregation or association tells of holding; None when it names no parent."""
    if event.type not in (EventType.AGGREGATION, EventType.ASSOCIATION) or not event.parent_id or event.action is None:
        return None
    return Containment(parent=event.parent_id, children=event.children, action=event.action)


def transformation(event: Event) -> Transformation | None:
    if event.type is not EventType.TRANSFORMATION:
        return None
    return Transformation(inputs=event.inputs, outputs=event.outputs, id=event.transformation_id)

"""Reads EPCIS 2.0 JSON documents strictly, as ISO/IEC 19987:2024 has it; each faulty event is told with its path."""

import re
from collections.abc import Iterator
from typing import Any, NoReturn

from huoji.wire import Fault, FormatError, Node, load
from huoji.wire.epcis import parts, vocabulary
from huoji.wire.epcis.digest import with_content_id
from huoji.wire.epcis.model import Action, Document, Event, EventType

MAX_DOCUMENT_BYTES = 16 * 1024 * 1024
MAX_EVENTS = 5_000  # in one call

OFFSET = re.compile(r"[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00)", re.ASCII)
SCHEMA_VERSION = re.compile(r"2(?:\.\d+){0,2}", re.ASCII)

COMMON = frozenset(
    [
        "type",
        "eventTime",
        "eventTimeZoneOffset",
        "eventID",
        "recordTime",
        "errorDeclaration",
        "certificationInfo",
        "bizStep",
        "disposition",
        "persistentDisposition",
        "readPoint",
        "bizLocation",
        "bizTransactionList",
        "sourceList",
        "destinationList",
        "sensorElementList",
    ]
)
FIELDS = {
    EventType.OBJECT: COMMON | frozenset(["action", "epcList", "quantityList", "ilmd"]),
    EventType.AGGREGATION: COMMON | frozenset(["action", "parentID", "childEPCs", "childQuantityList"]),
    EventType.ASSOCIATION: COMMON | frozenset(["action", "parentID", "childEPCs", "childQuantityList"]),
    EventType.TRANSACTION: COMMON | frozenset(["action", "parentID", "epcList", "quantityList"]),
    EventType.TRANSFORMATION: COMMON
    | frozenset(
        ["inputEPCList", "inputQuantityList", "outputEPCList", "outputQuantityList", "transformationID", "ilmd"]
    ),
}
DOCUMENT_TYPES = frozenset({"EPCISDocument", "EPCISQueryDocument"})
EVENT_TYPES = frozenset(EventType)


def decode(data: bytes) -> Document:
    """Read a capture document, query document, single event or list of these; raise FormatError with every faulty event's first fault."""
    document, faults = decode_partly(data)
    if faults:
        raise FormatError(*faults)
    return document


def decode_partly(data: bytes) -> tuple[Document, tuple[Fault, ...]]:
    """Read what can be read: the sound events and the faults of the others; a fault of the document itself is still raised."""
    root = load(data, limit_bytes=MAX_DOCUMENT_BYTES)
    events: list[Event] = []
    faults: list[Fault] = []
    for node in _event_nodes(root):
        if len(events) + len(faults) >= MAX_EVENTS:
            root.refuse("too_many", f"holds more than {MAX_EVENTS} events")
        try:
            events.append(read_event(node))
        except FormatError as error:
            faults += error.faults
    return _document(root, tuple(events)), tuple(faults)


def _document(root: Node, events: tuple[Event, ...]) -> Document:
    if not isinstance(root.value, dict) or root.value.get("type") not in DOCUMENT_TYPES:
        return Document(events=events)
    texts = {name: "" if (node := root.maybe(name)) is None else node.text() for name in ("id", "sender", "receiver")}
    created = root.maybe("creationDate")
    return Document(events=events, created=None if created is None else created.time(), **texts)


def _event_nodes(root: Node) -> Iterator[Node]:
    """Find the events of whatever was sent."""
    if isinstance(root.value, list):
        for item in root.items(limit=MAX_EVENTS):
            yield from _event_nodes_of(item)
        return
    _context(root.need("@context"))
    yield from _event_nodes_of(root)


def _event_nodes_of(node: Node) -> Iterator[Node]:
    kind = node.need("type").text()
    if _event_type(kind) in EVENT_TYPES:
        yield node
        return
    if kind not in DOCUMENT_TYPES:
        node.need("type").refuse("value", f"{kind[:60]!r} is neither an EPCIS document nor an EPCIS event")
    _context(node.need("@context"))
    body = node.need("epcisBody")
    if kind == "EPCISQueryDocument":  # which alone may leave out when it was made, and by which edition
        body = body.need("queryResults").need("resultsBody")
    else:
        _edition(node.need("schemaVersion"))
        node.need("creationDate").time()
    yield from body.need("eventList").items(limit=MAX_EVENTS)


def _edition(node: Node) -> None:
    """Accept edition 2, also written as a number."""
    if node.value not in (2, 2.0):
        node.matching(SCHEMA_VERSION, what="schema version 2.x")


def _context(node: Node) -> None:
    entries = list(node.items(limit=parts.MAX_ENTRIES)) if isinstance(node.value, list) else [node]
    if not entries:
        node.refuse("value", "must not be empty")
    for entry in entries:
        if not isinstance(entry.value, dict):
            parts.uri(entry)


def _event_type(text: str) -> str:
    return text.removeprefix("epcis:").removeprefix("https://ref.gs1.org/epcis/")


def read_event(node: Node) -> Event:
    """Read one event; raise FormatError at its first fault."""
    kind = node.need("type")
    name = _event_type(kind.text())
    if name not in EVENT_TYPES:
        kind.refuse("value", f"{name[:60]!r} is no EPCIS event type")
    event_type = EventType(name)
    fields = _fields(node, event_type)
    _ENOUGH[event_type](node, fields)
    return with_content_id(Event(content_id="", path=node.path, raw=node.object(), **fields))


def _fields(node: Node, event_type: EventType) -> dict[str, Any]:
    known = FIELDS[event_type]
    more = parts.extensions(node, known | {"@context"})

    def maybe(name: str) -> Node | None:
        return node.maybe(name) if name in known else None

    event_id, record_time, shift = node.maybe("eventID"), node.maybe("recordTime"), node.maybe("persistentDisposition")
    transformation, parent = maybe("transformationID"), maybe("parentID")
    return {
        "type": event_type,
        "event_time": node.need("eventTime").time(),
        "event_offset_min": _offset_min(node.need("eventTimeZoneOffset")),
        "event_id": "" if event_id is None else parts.uri(event_id),
        "record_time": None if record_time is None else record_time.time(),
        "action": _action(node.need("action")) if "action" in known else None,
        "epcs": parts.uris(maybe("epcList")),
        "quantities": parts.quantities(maybe("quantityList")),
        "parent_id": "" if parent is None else parts.uri(parent),
        "children": parts.uris(maybe("childEPCs")),
        "child_quantities": parts.quantities(maybe("childQuantityList")),
        "inputs": parts.uris(maybe("inputEPCList")),
        "input_quantities": parts.quantities(maybe("inputQuantityList")),
        "outputs": parts.uris(maybe("outputEPCList")),
        "output_quantities": parts.quantities(maybe("outputQuantityList")),
        "transformation_id": "" if transformation is None else parts.uri(transformation),
        "biz_step": parts.vocabulary_word(node.maybe("bizStep"), vocabulary.BIZ_STEP),
        "disposition": parts.vocabulary_word(node.maybe("disposition"), vocabulary.DISPOSITION),
        "dispositions_set": _dispositions(shift, "set"),
        "dispositions_unset": _dispositions(shift, "unset"),
        "read_point": parts.place(node.maybe("readPoint")),
        "biz_location": parts.place(node.maybe("bizLocation")),
        "transactions": parts.references(
            node.maybe("bizTransactionList"), name="bizTransaction", family=vocabulary.TRANSACTION_TYPE, typed=False
        ),
        "sources": parts.references(node.maybe("sourceList"), name="source", family=vocabulary.PARTY_TYPE, typed=True),
        "destinations": parts.references(
            node.maybe("destinationList"), name="destination", family=vocabulary.PARTY_TYPE, typed=True
        ),
        "sensors": parts.sensors(node.maybe("sensorElementList")),
        "error": parts.error_declaration(node.maybe("errorDeclaration")),
        "certifications": parts.certifications(node.maybe("certificationInfo")),
        "ilmd": {} if (ilmd := maybe("ilmd")) is None else parts.extensions(ilmd, frozenset()),
        "extensions": more,
    }


def _action(node: Node) -> Action:
    return Action(node.word(frozenset(Action), what="action (ADD, OBSERVE or DELETE)"))


def _offset_min(node: Node) -> int:
    text = node.matching(OFFSET, what="time zone offset (+08:00)")
    return int(text[0] + "1") * (int(text[1:3]) * 60 + int(text[4:6]))


def _dispositions(node: Node | None, name: str) -> tuple[str, ...]:
    if node is None:
        return ()
    parts.extensions(node, frozenset({"set", "unset"}))
    found = node.maybe(name)
    if found is None:
        return ()
    return tuple(parts.vocabulary_word(item, vocabulary.DISPOSITION) for item in found.items(limit=parts.MAX_ENTRIES))


def _lacks(node: Node, message: str) -> NoReturn:
    node.refuse("missing", message)


def _object_is_about_something(node: Node, fields: dict[str, Any]) -> None:
    if not (fields["epcs"] or fields["quantities"] or (fields["sensors"] and fields["read_point"])):
        _lacks(node, "an ObjectEvent needs epcList, quantityList, or sensorElementList with readPoint")
    if fields["ilmd"] and fields["action"] is not Action.ADD:
        node.need("ilmd").refuse("value", "master data of an instance is told only when it is added")


def _aggregation_has_its_sides(node: Node, fields: dict[str, Any]) -> None:
    """ADD and DELETE need the parent; ADD and OBSERVE need children, DELETE without any means all of them."""
    if not fields["parent_id"] and fields["action"] is not Action.OBSERVE:
        node.need("parentID")
    if not (fields["children"] or fields["child_quantities"]) and fields["action"] is not Action.DELETE:
        _lacks(node, "needs childEPCs or childQuantityList")


def _association_has_its_sides(node: Node, fields: dict[str, Any]) -> None:
    node.need("parentID")
    _aggregation_has_its_sides(node, fields)


def _transaction_names_it(node: Node, fields: dict[str, Any]) -> None:
    if not fields["transactions"]:
        node.need("bizTransactionList").refuse("value", "must not be empty")
    told = fields["epcs"] or fields["quantities"] or fields["parent_id"] or fields["sensors"]
    if not told and fields["action"] is not Action.DELETE:
        _lacks(node, "a TransactionEvent needs parentID, epcList or quantityList")


def _transformation_has_its_sides(node: Node, fields: dict[str, Any]) -> None:
    """Without a transformationID, which ties several events together, both sides must be told in this one."""
    inputs = fields["inputs"] or fields["input_quantities"]
    outputs = fields["outputs"] or fields["output_quantities"]
    if not (inputs or outputs):
        _lacks(node, "a TransformationEvent needs inputs and outputs")
    if not (inputs and outputs) and not fields["transformation_id"]:
        _lacks(node, "a TransformationEvent without transformationID needs inputs and outputs")


_ENOUGH = {
    EventType.OBJECT: _object_is_about_something,
    EventType.AGGREGATION: _aggregation_has_its_sides,
    EventType.ASSOCIATION: _association_has_its_sides,
    EventType.TRANSACTION: _transaction_names_it,
    EventType.TRANSFORMATION: _transformation_has_its_sides,
}

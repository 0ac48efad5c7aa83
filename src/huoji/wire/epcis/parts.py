"""Reads the pieces that all EPCIS events share: names, places, references, quantities, sensors, declarations."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from huoji.wire import Node
from huoji.wire.epcis import vocabulary
from huoji.wire.epcis.model import ErrorDeclaration, Quantity, Reference, SensorElement, SensorReport
from huoji.wire.epcis.vocabulary import Family

MAX_EPCS = 20_000  # in one list of one event
MAX_ENTRIES = 1_000  # in any other list of one event
MAX_URI_CHARS = 1_024

URI = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:[^\s\x00-\x1f]+")
UOM = re.compile(r"[A-Z0-9]{2,3}", re.ASCII)
HEX = re.compile(r"[0-9A-Fa-f]+", re.ASCII)
WORD = re.compile(r"[A-Za-z][\w.-]*", re.ASCII)


def extensions(node: Node, known: frozenset[str]) -> dict[str, Any]:
    """Take what is not ours and carries a namespace (`prefix:name`, `@context`); refuse an unknown bare name."""
    found: dict[str, Any] = {}
    for name, value in node.object().items():
        if name in known:
            continue
        if ":" not in name and not name.startswith("@"):
            Node(value, parent=node, key=name).refuse("unknown_field", "is no field of EPCIS 2.0 and has no namespace")
        found[name] = value
    return found


def uri(node: Node) -> str:
    text = node.text(limit=MAX_URI_CHARS)
    if URI.fullmatch(text) is None:
        node.refuse("value", f"{text[:60]!r} is no URI")
    return text


def uris(node: Node | None, *, limit: int = MAX_EPCS) -> tuple[str, ...]:
    """Read a list of URIs as a set: order kept, repeats dropped."""
    return () if node is None else tuple(dict.fromkeys(uri(item) for item in node.items(limit=limit)))


def vocabulary_word(node: Node | None, family: Family) -> str:
    """Read a word of the vocabulary or a URI of the sender's own; an unknown bare word is a fault."""
    if node is None:
        return ""
    text = node.text(limit=MAX_URI_CHARS)
    word = family.bare(text)
    if word not in family.words and URI.fullmatch(word) is None:
        node.refuse("value", f"{text[:60]!r} is no {family.what}, and no URI")
    return word


def place(node: Node | None) -> str:
    if node is None:
        return ""
    extensions(node, frozenset({"id"}))
    return uri(node.need("id"))


def references(node: Node | None, *, name: str, family: Family, typed: bool) -> tuple[Reference, ...]:
    """Read bizTransactionList, sourceList or destinationList; `typed` says whether each entry must have a type."""
    if node is None:
        return ()
    found = []
    for item in node.items(limit=MAX_ENTRIES):
        extensions(item, frozenset({"type", name}))
        kind = item.need("type") if typed else item.maybe("type")
        found.append(Reference(type=vocabulary_word(kind, family), id=uri(item.need(name))))
    return tuple(found)


def quantities(node: Node | None) -> tuple[Quantity, ...]:
    if node is None:
        return ()
    found = []
    for item in node.items(limit=MAX_EPCS):
        extensions(item, frozenset({"epcClass", "quantity", "uom"}))
        amount, uom = item.maybe("quantity"), item.maybe("uom")
        found.append(
            Quantity(
                epc_class=uri(item.need("epcClass")),
                amount=None if amount is None else amount.number(),
                uom="" if uom is None else uom.matching(UOM, what="unit of UN/ECE Recommendation 20"),
            )
        )
    return tuple(found)


def error_declaration(node: Node | None) -> ErrorDeclaration | None:
    if node is None:
        return None
    return ErrorDeclaration(
        declared_at=node.need("declarationTime").time(),
        reason=vocabulary_word(node.maybe("reason"), vocabulary.ERROR_REASON),
        corrective_event_ids=uris(node.maybe("correctiveEventIDs"), limit=MAX_ENTRIES),
        extensions=extensions(node, frozenset({"declarationTime", "reason", "correctiveEventIDs"})),
    )


def certifications(node: Node | None) -> tuple[str | Mapping[str, Any], ...]:
    """Read certificationInfo: a link, or links and GS1 certification details, whose dates must be dates."""
    if node is None:
        return ()
    entries = node.items(limit=MAX_ENTRIES) if isinstance(node.value, list) else iter((node,))
    return tuple(_certification(entry) for entry in entries)


def _certification(node: Node) -> str | Mapping[str, Any]:
    if not isinstance(node.value, dict):
        return uri(node)
    extensions(node, frozenset())
    for name in node.value:
        details = node.need(name)
        if not isinstance(details.value, dict):
            continue
        for inner in details.value:
            if inner.endswith("Date"):
                _date(details.need(inner))
    return node.object()


def _date(node: Node) -> None:
    """Check a date that may be written plain or as a JSON-LD value."""
    holder = node.need("@value") if isinstance(node.value, dict) else node
    text = holder.text(limit=40)
    try:
        date.fromisoformat(text[:10])
    except ValueError:
        holder.refuse("time", f"{text!r} is no date")


METADATA = frozenset(
    ["time", "startTime", "endTime", "deviceID", "deviceMetadata", "rawData", "dataProcessingMethod", "bizRules"]
)
REPORT_URIS = ("deviceID", "deviceMetadata", "rawData", "dataProcessingMethod", "microorganism", "chemicalSubstance", "bizRules", "uriValue", "coordinateReferenceSystem")  # fmt: skip
REPORT_NUMBERS = ("value", "minValue", "maxValue", "meanValue", "sDev", "percRank", "percValue")
REPORT = frozenset(
    (*REPORT_URIS, *REPORT_NUMBERS, "type", "exception", "component", "uom", "time", "stringValue", "booleanValue", "hexBinaryValue")
)  # fmt: skip


def sensors(node: Node | None) -> tuple[SensorElement, ...]:
    return () if node is None else tuple(_sensor(item) for item in node.items(limit=MAX_ENTRIES))


def _sensor(node: Node) -> SensorElement:
    more = extensions(node, frozenset({"sensorMetadata", "sensorReport", "type"}))
    about = node.maybe("sensorMetadata") or Node({}, parent=node, key="sensorMetadata")
    extensions(about, METADATA)
    times = {name: about.maybe(name) for name in ("time", "startTime", "endTime")}
    for name in ("deviceMetadata", "rawData", "dataProcessingMethod", "bizRules"):
        if (link := about.maybe(name)) is not None:
            uri(link)
    reports = tuple(_report(item) for item in node.need("sensorReport").items(limit=MAX_ENTRIES))
    if not reports:
        node.need("sensorReport").refuse("value", "must not be empty")
    device = about.maybe("deviceID")
    return SensorElement(
        reports=reports,
        time=_time(times["time"]),
        start=_time(times["startTime"]),
        end=_time(times["endTime"]),
        device_id="" if device is None else uri(device),
        metadata=about.object(),
        extensions=more,
    )


def _report(node: Node) -> SensorReport:
    extensions(node, REPORT)
    for name in REPORT_URIS:
        if (link := node.maybe(name)) is not None:
            uri(link)
    numbers = {name: found.number() for name in REPORT_NUMBERS if (found := node.maybe(name)) is not None}
    if (digits := node.maybe("hexBinaryValue")) is not None:
        digits.matching(HEX, what="hexadecimal number")
    kind, text, truth = node.maybe("type"), node.maybe("stringValue"), node.maybe("booleanValue")
    unit = node.maybe("uom")
    return SensorReport(
        type="" if kind is None else _measurement(kind),
        exception=_alert(node.maybe("exception")),
        component=vocabulary_word(node.maybe("component"), vocabulary.COMPONENT),
        uom="" if unit is None else unit.text(limit=40),
        value=numbers.get("value"),
        value_min=numbers.get("minValue"),
        value_max=numbers.get("maxValue"),
        value_mean=numbers.get("meanValue"),
        string_value="" if text is None or text.value == "" else text.text(),
        boolean_value=None if truth is None else truth.flag(),
        time=_time(node.maybe("time")),
        told=node.object(),
    )


def _measurement(node: Node) -> str:
    """Read a measurement type: the list grows with each edition of the GS1 vocabulary, so any word or URI will do."""
    text = node.text(limit=MAX_URI_CHARS)
    for head in ("gs1:", "https://gs1.org/voc/", "https://ref.gs1.org/voc/", "https://www.gs1.org/voc/"):
        text = text.removeprefix(head)
    if WORD.fullmatch(text) is None and URI.fullmatch(text) is None:
        node.refuse("value", f"{text[:60]!r} is no measurement type")
    return text


def _alert(node: Node | None) -> str:
    if node is None:
        return ""
    text = node.text(limit=MAX_URI_CHARS)
    word = text.removeprefix("gs1:").rpartition("/")[2]
    if word in vocabulary.ALERTS:
        return word
    return uri(node)


def _time(node: Node | None) -> datetime | None:
    return None if node is None else node.time()

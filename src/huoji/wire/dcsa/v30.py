"""Reads an event of Track & Trace 3.0: grouped into details, with retraction and the routing that makes its id unique."""

from huoji.wire import Node
from huoji.wire.dcsa import codes
from huoji.wire.dcsa.model import Event, EventType, Party, Place, Reference, Retraction, TransportCall, Version
from huoji.wire.dcsa.parts import MAX_REFERENCES, code, degrees, once, refined, text, un_location

MAX_EVENT_ID_CHARS = 500
SUBTYPES = {
    EventType.SHIPMENT: ("shipmentEventTypeCode", codes.SHIPMENT),
    EventType.TRANSPORT: ("transportEventTypeCode", codes.TRANSPORT),
    EventType.EQUIPMENT: ("equipmentEventTypeCode", codes.EQUIPMENT),
    EventType.IOT: ("iotEventTypeCode", codes.IOT),
    EventType.REEFER: ("reeferEventTypeCode", codes.REEFER),
}


def _part(node: Node, name: str) -> Node:
    """Step into a group of details; an absent one is empty."""
    found = node.maybe(name) or Node({}, parent=node, key=name)
    found.object()
    return found


def read(node: Node, content_id: str) -> Event | Retraction:
    event_id = node.need("eventID").text(limit=MAX_EVENT_ID_CHARS)
    retracted = node.maybe("isRetracted")
    if retracted is not None and retracted.flag():
        updated = node.maybe("eventUpdatedDateTime")
        return Retraction(
            event_id=event_id,
            updated_at=None if updated is None else updated.time(),
            originator=_originator(node),
            path=node.path,
        )
    return _event(node, event_id, content_id)


def _event(node: Node, event_id: str, content_id: str) -> Event:
    kind = node.need("eventClassification")
    event_type = EventType(kind.need("eventTypeCode").word(frozenset(EventType), what="event type of 3.0"))
    name, allowed = SUBTYPES[event_type]
    shipment, transport, equipment = (
        _part(node, "shipmentDetails"), _part(node, "transportDetails"), _part(node, "equipmentDetails")
    )  # fmt: skip
    document = None if (paper := shipment.maybe("documentReference")) is None else _reference(paper)
    box = text(equipment, "equipmentReference", limit=15)
    empty = code(equipment, "emptyIndicatorCode", allowed=codes.EMPTY, what="empty indicator")
    movement = code(equipment, "movementType", allowed=codes.MOVEMENTS, what="movement type")
    subtype = kind.need(name).word(allowed, what=f"{event_type.lower()} event type")
    references = _references(shipment, document, box)
    call = transport.maybe("transportCall")
    if not references and call is None:
        node.refuse("missing", "names no document, reference, container or transport call that it is about")
    return Event(
        version=Version.V30,
        type=event_type,
        code=_refined_code(node, event_type, subtype, document, (empty, movement)),
        classifier=kind.need("eventClassifierCode").word(codes.CLASSIFIERS, what="classifier (PLN, EST, ACT)"),
        event_time=node.need("eventDateTime").time(),
        updated_at=node.need("eventUpdatedDateTime").time(),
        content_id=content_id,
        event_id=event_id,
        originator=_originator(node),
        document=document,
        references=references,
        equipment=box,
        equipment_type=text(equipment, "ISOEquipmentCode", limit=4),
        empty=empty,
        movement=movement,
        place=_place(_part(node, "eventLocation")),
        call=None if call is None else _call(call),
        delay_reasons=_delays(transport),
        remark=text(transport, "changeRemark", limit=2_000) or text(shipment, "reason", limit=5_000),
        reefer=_part(node, "reeferDetails").object(),
        raw=node.object(),
        path=node.path,
    )


def _refined_code(
    node: Node, event_type: EventType, subtype: str, document: Reference | None, box: tuple[str, str]
) -> str:
    match event_type:
        case EventType.SHIPMENT:
            return refined(subtype, document.type if document else "")
        case EventType.EQUIPMENT:
            return refined(subtype, *box)
        case EventType.IOT:
            details = _part(node, "iotDetails")
            return refined(subtype, code(details, "iotEventCode", allowed=codes.IOT_DETAILS, what="IoT event"))
        case _:
            return subtype


def _originator(node: Node) -> Party | None:
    party = _part(node, "eventRouting").maybe("originatingParty")
    if party is None:
        return None
    return Party(
        code=party.need("partyCode").text(limit=150),
        list_provider=text(party, "codeListProvider"),
        list_name=text(party, "codeListName"),
    )


def _reference(node: Node) -> Reference:
    return Reference(
        type=node.need("typeCode").matching(codes.TYPE, what="reference type"),
        value=node.need("reference").text(limit=100),
    )


def _references(shipment: Node, document: Reference | None, box: str) -> tuple[Reference, ...]:
    found = [document] if document else []
    for name in ("additionalDocumentReferences", "shipmentReferences"):
        if (entries := shipment.maybe(name)) is not None:
            found += [_reference(entry) for entry in entries.items(limit=MAX_REFERENCES)]
    if box:
        found.append(Reference(type="EQ", value=box))
    return once(found)


def _place(where: Node) -> Place:
    facility, address, point = _part(where, "facility"), _part(where, "address"), _part(where, "geoCoordinate")
    return Place(
        name=text(where, "locationName") or text(facility, "facilityName"),
        un_location_code=un_location(where, "UNLocationCode"),
        facility_code=text(facility, "facilityCode", limit=11),
        facility_list=text(facility, "facilityCodeListProvider", limit=10),
        facility_type=text(where, "facilityTypeCode", limit=10),
        city=text(address, "city"),
        country=text(address, "countryCode", limit=2),
        latitude=degrees(point, "latitude", most=90),
        longitude=degrees(point, "longitude", most=180),
    )


def _call(call: Node) -> TransportCall:
    vessel, rail, truck = _part(call, "vesselTransport"), _part(call, "railTransport"), _part(call, "truckTransport")
    imo, sequence = vessel.maybe("vesselIMONumber"), call.maybe("transportCallSequenceNumber")
    service = _part(call, "serviceCodeOrReference")
    return TransportCall(
        id=text(call, "transportCallReference"),
        sequence=None if sequence is None else sequence.whole(),
        mode=code(call, "modeOfTransport", allowed=codes.MODES, what="mode of transport"),
        service=text(service, "carrierServiceCode") or text(service, "universalServiceReference"),
        export_voyage=_voyage(_part(call, "exportVoyageNumberOrReference")),
        import_voyage=_voyage(_part(call, "importVoyageNumberOrReference")),
        vessel_imo="" if imo is None else imo.matching(codes.IMO, what="IMO number"),
        vessel_name=text(vessel, "vesselName"),
        vessel_flag=text(vessel, "vesselFlag", limit=2),
        call_sign=text(vessel, "vesselCallSign", limit=20),
        operator=text(vessel, "operatorCarrierCode", limit=10),
        vehicle=text(_part(truck, "tractorDetails"), "licensePlate", limit=15) or text(rail, "railCarReference"),
    )


def _voyage(node: Node) -> str:
    return text(node, "carrierVoyageNumber") or text(node, "universalVoyageReference")


def _delays(transport: Node) -> tuple[str, ...]:
    reasons = transport.maybe("delayReasonCodes")
    if reasons is None:
        return ()
    return tuple(reason.matching(codes.DELAY, what="delay reason of SMDG") for reason in reasons.items(limit=20))

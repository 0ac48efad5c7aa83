"""Reads an event of Track & Trace 2.2: flat, with the transport call spelled out in it."""

from huoji.wire import Node
from huoji.wire.dcsa import codes
from huoji.wire.dcsa.model import Event, EventType, Place, Reference, TransportCall, Version
from huoji.wire.dcsa.parts import MAX_REFERENCES, code, degrees, once, refined, text, un_location

TYPES = frozenset({EventType.SHIPMENT, EventType.TRANSPORT, EventType.EQUIPMENT})


def read(node: Node, content_id: str) -> Event:
    event_type = EventType(node.need("eventType").word(frozenset(TYPES), what="event type of 2.2"))
    event_id = node.maybe("eventID")
    call = node.need("transportCall") if event_type is EventType.TRANSPORT else node.maybe("transportCall")
    document, kind = _document(node) if event_type is EventType.SHIPMENT else (None, "")
    empty = code(node, "emptyIndicatorCode", allowed=codes.EMPTY, what="empty indicator")
    equipment = text(node, "equipmentReference", limit=15)
    named = [document] if document else []
    if equipment:
        named.append(Reference(type="EQ", value=equipment))
    delay = node.maybe("delayReasonCode")
    return Event(
        version=Version.V22,
        type=event_type,
        code=refined(_code(node, event_type), kind or empty),
        classifier=node.need("eventClassifierCode").word(codes.CLASSIFIERS, what="classifier (PLN, EST, ACT)"),
        event_time=node.need("eventDateTime").time(),
        updated_at=node.need("eventCreatedDateTime").time(),
        content_id=content_id,
        event_id="" if event_id is None else event_id.matching(codes.UUID, what="UUID"),
        document=document,
        references=once([*named, *_references(node)]),
        equipment=equipment,
        equipment_type=text(node, "ISOEquipmentCode", limit=4),
        empty=empty,
        place=_place(node, call),
        call=None if call is None else _call(call),
        delay_reasons=() if delay is None else (delay.matching(codes.DELAY, what="delay reason of SMDG"),),
        remark=text(node, "changeRemark", limit=2_000) or text(node, "reason", limit=5_000),
        raw=node.object(),
        path=node.path,
    )


def _code(node: Node, event_type: EventType) -> str:
    match event_type:
        case EventType.SHIPMENT:
            return node.need("shipmentEventTypeCode").word(codes.SHIPMENT, what="shipment event type")
        case EventType.TRANSPORT:
            return node.need("transportEventTypeCode").word(codes.TRANSPORT, what="transport event type")
        case _:
            return node.need("equipmentEventTypeCode").word(codes.EQUIPMENT, what="equipment event type")


def _document(node: Node) -> tuple[Reference, str]:
    kind = node.need("documentTypeCode").matching(codes.TYPE, what="document type")
    return Reference(type=kind, value=node.need("documentID").text(limit=100)), kind


def _references(node: Node) -> list[Reference]:
    found: list[Reference] = []
    for name, kind, value in (
        ("documentReferences", "documentReferenceType", "documentReferenceValue"),
        ("references", "referenceType", "referenceValue"),
    ):
        if (entries := node.maybe(name)) is not None:
            found += [
                Reference(
                    type=entry.need(kind).matching(codes.TYPE, what="reference type"),
                    value=entry.need(value).text(limit=100),
                )
                for entry in entries.items(limit=MAX_REFERENCES)
            ]
    return found


def _place(node: Node, call: Node | None) -> Place:
    """Take the event's own location, else that of the transport call, else what the call itself says."""
    where = node.maybe("eventLocation")
    if where is not None:
        return _location(where, where)
    if call is None:
        return Place()
    return _location(call.maybe("location") or call, call)


def _location(where: Node, facility: Node) -> Place:
    address = where.maybe("address") or Node({}, parent=where, key="address")
    return Place(
        name=text(where, "locationName"),
        un_location_code=un_location(where, "UNLocationCode") or un_location(facility, "UNLocationCode"),
        facility_code=text(facility, "facilityCode", limit=11),
        facility_list=text(facility, "facilityCodeListProvider", limit=10),
        facility_type=text(facility, "facilityTypeCode", limit=10),
        city=text(address, "city") or text(address, "cityName"),
        country=text(address, "country"),
        latitude=degrees(where, "latitude", most=90),
        longitude=degrees(where, "longitude", most=180),
    )


def _call(call: Node) -> TransportCall:
    vessel = call.maybe("vessel") or Node({}, parent=call, key="vessel")
    imo, sequence = vessel.maybe("vesselIMONumber"), call.maybe("transportCallSequenceNumber")
    un_location(call, "UNLocationCode")
    return TransportCall(
        id=text(call, "transportCallID"),
        sequence=None if sequence is None else sequence.whole(),
        mode=code(call, "modeOfTransport", allowed=codes.MODES, what="mode of transport"),
        service=text(call, "carrierServiceCode"),
        export_voyage=text(call, "exportVoyageNumber") or text(call, "carrierVoyageNumber"),
        import_voyage=text(call, "importVoyageNumber"),
        vessel_imo="" if imo is None else imo.matching(codes.IMO, what="IMO number"),
        vessel_name=text(vessel, "vesselName"),
        vessel_flag=text(vessel, "vesselFlag", limit=2),
        call_sign=text(vessel, "vesselCallSignNumber", limit=20),
        operator=text(vessel, "vesselOperatorCarrierCode", limit=10),
    )

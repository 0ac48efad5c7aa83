"""Callers and small documents for the tests of foreign doors."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.test import Client

SSCC = "urn:epc:id:sscc:0614141.1234567890"
SSCC_NUMBER = "106141412345678908"
ITEM = "urn:epc:id:sgtin:0614141.107346.2017"
OTHER = "urn:epc:id:sgtin:0614141.107346.2018"
HERE = "urn:epc:id:sgln:0614141.00777.0"


@dataclass(frozen=True)
class Caller:
    """Somebody with a key."""

    client: Client
    key: str

    def send(self, path: str, body: Any, **headers: str):
        data = body if isinstance(body, bytes | str) else json.dumps(body)
        kind = headers.pop("content_type", "application/json")
        return self.client.post(
            f"/api/v1/{path}", data, content_type=kind, headers={"Authorization": f"Bearer {self.key}"} | headers
        )

    def read(self, path: str, **query: str):
        return self.client.get(f"/api/v1/{path}", query, headers={"Authorization": f"Bearer {self.key}"})

    def ship(self, number: str, *references: tuple[str, str], **more: Any) -> None:
        told = {"line": "ocean", "number": number, "references": [{"kind": k, "number": n} for k, n in references]}
        answer = self.send("shipments", [told | more]).json()
        assert answer["rejected"] == 0, answer

    def milestones(self, number: str) -> list[str]:
        """Return the actual milestones of a shipment, newest first."""
        events = self.read(f"shipments/{number}").json()["events"]
        return [event["milestone"] for event in events if event["classifier"] == "ACT"]

    def epc(self, epc: str) -> dict[str, Any]:
        [found] = self.read("epcis/epcs", epc=epc).json()["units"]
        return found

    def of_epc(self, epc: str) -> list[tuple[str, str]]:
        """Return milestone and teller of each entry of an EPC, newest first."""
        return [(event["milestone"], event["via"]) for event in self.epc(epc)["events"]]


Make = Callable[..., str]


def document(*events: dict[str, Any]) -> dict[str, Any]:
    return {
        "@context": ["https://ref.gs1.org/standards/epcis/epcis-context.jsonld"],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-11-20T00:00:00Z",
        "epcisBody": {"eventList": list(events)},
    }


def seen(event_id: str, hour: int, step: str, *epcs: str, **more: Any) -> dict[str, Any]:
    return {
        "type": "ObjectEvent", "action": "OBSERVE", "eventID": f"urn:uuid:{event_id}",
        "eventTime": f"2026-11-20T{hour:02}:00:00Z", "eventTimeZoneOffset": "+08:00", "bizStep": step,
        "epcList": list(epcs), "readPoint": {"id": HERE}, **more,
    }  # fmt: skip


def packed(event_id: str, hour: int, action: str, parent: str, *children: str, step: str = "packing") -> dict[str, Any]:
    return {
        "type": "AggregationEvent", "action": action, "eventID": f"urn:uuid:{event_id}",
        "eventTime": f"2026-11-20T{hour:02}:00:00Z", "eventTimeZoneOffset": "+08:00", "bizStep": step,
        "parentID": parent, "childEPCs": list(children),
    }  # fmt: skip


def declared_wrong(event: dict[str, Any], reason: str = "did_not_occur") -> dict[str, Any]:
    declaration = {
        "declarationTime": "2026-11-21T00:00:00Z", "reason": reason, "correctiveEventIDs": ["urn:uuid:right"],
    }  # fmt: skip
    return event | {"errorDeclaration": declaration}


CALL = {
    "transportCallReference": "tc-1", "modeOfTransport": "VESSEL",
    "exportVoyageNumberOrReference": {"carrierVoyageNumber": "025W"},
    "importVoyageNumberOrReference": {"carrierVoyageNumber": "025W"},
    "vesselTransport": {"vesselIMONumber": "9321483", "vesselName": "King of the Seas"},
}  # fmt: skip


def dcsa(event_id: str, day: int, kind: str, code: str, *, updated: int = 0, **details: Any) -> dict[str, Any]:
    """Write a Track & Trace 3.0 event of a day in November 2026."""
    return {
        "eventID": event_id,
        "eventRouting": {"originatingParty": {"partyCode": "EXCO"}},
        "eventDateTime": f"2026-11-{day:02}T08:00:00+08:00",
        "eventUpdatedDateTime": f"2026-11-{updated or day:02}T09:00:00Z",
        "eventClassification": {
            "eventTypeCode": kind, "eventClassifierCode": details.pop("classifier", "ACT"),
            f"{kind.lower()}EventTypeCode": code,
        },
        "eventLocation": {"UNLocationCode": details.pop("at", "CNSHA")},
        **details,
    }  # fmt: skip


def box(day: int, code: str, *, event_id: str = "", **more: Any) -> dict[str, Any]:
    """Write what happened to the container APZU4812090, laden; LOAD and DISC name the vessel."""
    details = {"equipmentReference": "APZU4812090", "emptyIndicatorCode": "LADEN"}
    aboard = {"transportDetails": {"transportCall": CALL}} if code in {"LOAD", "DISC"} else {}
    return dcsa(event_id or f"box-{code}", day, "EQUIPMENT", code, equipmentDetails=details, **aboard, **more)


def vessel(day: int, code: str, *, booking: str = "", **more: Any) -> dict[str, Any]:
    """Write what the vessel did, told of a booking or of nobody."""
    papers = {"shipmentDetails": {"documentReference": {"typeCode": "BKG", "reference": booking}}} if booking else {}
    return dcsa(f"vessel-{code}", day, "TRANSPORT", code, transportDetails={"transportCall": CALL}, **papers, **more)


def retracted(event: dict[str, Any]) -> dict[str, Any]:
    kept = {"eventID", "eventRouting", "eventUpdatedDateTime"}
    return {name: value for name, value in event.items() if name in kept} | {"isRetracted": True}

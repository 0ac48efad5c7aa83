"""Documents that others wrote: the valid ones are read, the invalid ones are refused with the place of the fault."""

import pytest

from huoji.wire import FormatError, dcsa, epcis, sheets

INVALID_EPCIS = {
    "Combination_of_events_with_missing_mandatory_fields": "$.epcisBody.eventList[0].action",
    "Combination_of_multiple_invalid_fields": "$.epcisBody.eventList[0].bizStep",
    "Combination_of_non_standard_bizStep_and_disposition": "$.epcisBody.eventList[0].bizStep",
    "EPCISDocument_without_context": "$.@context",
    "ObjectEvent_with_ilmd_field_without_namespace": "$.epcisBody.eventList[0].ilmd.materialType",
    "ObjectEvent_with_invalid_action": "$.epcisBody.eventList[0].action",
    "ObjectEvent_with_invalid_certificationInfo": "$.epcisBody.eventList[0].certificationInfo[1]['gs1:CertificationDetails']['gs1:certificationAuditDate']",
    "ObjectEvent_with_invalid_eventTime_format": "$.epcisBody.eventList[0].eventTime",
    "ObjectEvent_with_non_standard_bizStep": "$.epcisBody.eventList[0].bizStep",
    "ObjectEvent_with_non_standard_bizStep_in_second_event": "$.epcisBody.eventList[1].bizStep",
    "ObjectEvent_with_non_standard_disposition": "$.epcisBody.eventList[0].disposition",
    "ObjectEvent_with_quantity_as_text": "$.epcisBody.eventList[0].quantityList[0].quantity",
    "ObjectEvent_with_unknown_field_in_quantityList": "$.epcisBody.eventList[0].quantityList[0].weight",
    "ObjectEvent_without_action_and_eventTime": "$.epcisBody.eventList[0].eventTime",
    "ObjectEvent_without_identifier_list": "$.epcisBody.eventList[0]",
    "QueryDocument_with_invalid_action": "$.epcisBody.queryResults.resultsBody.eventList[0].action",
    "QueryDocument_with_invalid_eventType": "$.epcisBody.queryResults.resultsBody.eventList[0].type",
}


def epcis_files(foreign, *, valid):
    root = foreign / "epcis" / "2.0" / "EPCIS" / "JSON"
    folders = ["Capture/Documents", "Capture/Events", "Query"] if valid else ["Capture/Invalid", "Query/Invalid"]
    return sorted(file for folder in folders for file in (root / folder).glob("*.json"))


def test_every_valid_epcis_document_is_read(foreign):
    files = epcis_files(foreign, valid=True)
    assert len(files) >= 52
    for file in files:
        assert epcis.decode(file.read_bytes()).events, file.name


def test_every_invalid_epcis_document_is_refused_at_its_fault(foreign):
    found = {}
    for file in epcis_files(foreign, valid=False):
        with pytest.raises(FormatError) as caught:
            epcis.decode(file.read_bytes())
        found[file.stem] = caught.value.path
    assert found == INVALID_EPCIS


def test_every_positive_dcsa_document_is_read(foreign):
    files = [file for file in (foreign / "dcsa").glob("*.json") if "wrong" not in file.name]
    assert len(files) == 7
    for file in files:
        assert dcsa.decode(file.read_bytes()).events, file.name


@pytest.mark.parametrize(
    ("name", "paths"),
    [
        ("attribute-values", ["$[0].transportCall.location.UNLocationCode", "$[2].eventLocation.UNLocationCode"]),
        ("event-ids", ["$[0].eventID", "$[1].eventID"]),
        ("structure", ["$[0]", "$[1]"]),
    ],
)
def test_every_negative_dcsa_document_is_refused_at_its_fault(foreign, name, paths):
    with pytest.raises(FormatError) as caught:
        dcsa.decode((foreign / "dcsa" / f"tnt-220-response-wrong-{name}.json").read_bytes())
    assert [fault.path for fault in caught.value.faults] == paths


def test_the_scms_table_is_read_to_its_last_line(foreign):
    with (foreign / "shipments" / "scms_2006_2012.csv").open("rb") as stream:
        sheet = sheets.read(stream, limits=sheets.DEFAULT_LIMITS)
        rows = list(sheet.rows)
    assert (sheet.encoding, sheet.delimiter, len(sheet.header)) == ("utf-8", ",", 20)
    assert [row for row in rows if isinstance(row, sheets.BadRow)] == []
    assert len(rows) == 6507
    number = sheet.header.index("ASN/DN #")
    assert len({row.cells[number] for row in rows}) == 4681

"""The waybill label: scanners read it, and nobody reads more from it than they should."""

import io
import re

import pytest
import typst
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from huoji.core import code128


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=20))
def test_every_symbol_has_its_width(text):
    assert sum(code128.widths(text)) == 11 * (len(text) + 2) + 13


@pytest.mark.parametrize("text", ["", "运单", "a\n"])
def test_what_the_set_cannot_hold_is_refused(text):
    with pytest.raises(ValueError, match="ASCII"):
        code128.widths(text)


@pytest.fixture
def number(client, staff_key):
    party = {
        "role": "consignee",
        "name": "欧阳娜娜",
        "phone": "13812345678",
        "address": "成都市武侯区天府路500号3号楼1201室",
    }
    body = [
        {"line": "express", "origin": "上海", "destination": "成都", "goods": "图书", "pieces": 3, "parties": [party]}
    ]
    made = client.post(
        "/api/v1/shipments", body, content_type="application/json", headers={"Authorization": f"Bearer {staff_key}"}
    )
    return made.json()["items"][0]["number"]


@pytest.mark.django_db(transaction=True)
def test_a_scanner_reads_the_number_from_the_label_and_a_phone_the_address_of_its_page(number, client_of, monkeypatch):
    compile_pdf = typst.compile
    client = client_of("cs_chief_clerk")
    pdf = client.get(f"/app/shipments/{number}/label.pdf")
    assert pdf.status_code == 200, pdf.content[:300]
    assert pdf.content.startswith(b"%PDF")
    monkeypatch.setattr(typst, "compile", lambda *a, **k: compile_pdf(*a, **k, format="png", ppi=600))
    picture = Image.open(io.BytesIO(client.get(f"/app/shipments/{number}/label.pdf").content))
    found = {barcode.format.name: barcode.text for barcode in zxingcpp.read_barcodes(picture)}
    assert number in found.values()
    assert any(text.endswith(f"/track/{number}") for text in found.values())


@pytest.mark.django_db(transaction=True)
@pytest.mark.req("T05", part="the label shows masked data only")
def test_the_label_hides_six_digits_a_character_of_the_name_and_the_door(number, client_of, monkeypatch):
    said = {}
    monkeypatch.setattr(typst, "compile", lambda *a, **k: said.update(k["sys_inputs"]) or b"%PDF")
    client_of("cs_chief_clerk").get(f"/app/shipments/{number}/label.pdf")
    assert "欧阳" in said["data"].encode().decode("unicode_escape") or "\\u6b27" in said["data"]
    assert not re.search(r"13812345678|1201|\\u5a1c\\u5a1c", said["data"])

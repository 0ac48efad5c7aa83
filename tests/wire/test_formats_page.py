"""The page about formats names the limits that the code has."""

from pathlib import Path

import pytest

from huoji.wire import MAX_DEPTH, dcsa, epcis, jt808, kuaidi100
from huoji.wire.epcis.parts import MAX_EPCS
from huoji.wire.jt808.codec import CONTENTS
from huoji.wire.jt808.frame import MAX_BODY_BYTES
from huoji.wire.jt808.parts import DEFAULT_LIMITS as DEFAULT_PARTS
from huoji.wire.sheets import DEFAULT_LIMITS

PAGES = Path(__file__).parents[2] / "docs" / "reference"
MIB = 1024 * 1024


@pytest.mark.parametrize("page", ["formats.md", "formats.zh.md"])
def test_the_page_names_every_limit(page):
    told = (PAGES / page).read_text()
    sizes = [
        epcis.MAX_DOCUMENT_BYTES,
        dcsa.MAX_DOCUMENT_BYTES,
        kuaidi100.MAX_DOCUMENT_BYTES,
        DEFAULT_LIMITS.file_bytes,
        DEFAULT_PARTS.bytes,
        DEFAULT_LIMITS.unpacked_bytes,
    ]
    counts = [
        epcis.MAX_EVENTS,
        dcsa.MAX_EVENTS,
        kuaidi100.MAX_LINES,
        MAX_BODY_BYTES,
        DEFAULT_PARTS.parts,
        DEFAULT_PARTS.ask_parts,
        DEFAULT_PARTS.give_up_s,
        MAX_EPCS,
        MAX_DEPTH,
        DEFAULT_LIMITS.rows,
        DEFAULT_LIMITS.columns,
        DEFAULT_LIMITS.cells,
        DEFAULT_LIMITS.cell_chars,
    ]
    missing = [f"{size // MIB} MiB" for size in sizes if f"{size // MIB} MiB" not in told]
    missing += [f"{count:,}" for count in counts if f"{count:,}" not in told]
    assert missing == []


@pytest.mark.parametrize("page", ["formats.md", "formats.zh.md"])
def test_the_page_names_every_message_of_a_terminal(page):
    told = (PAGES / page).read_text()
    areas = range(0x8600, 0x8608)
    assert "0x8600–0x8607" in told
    assert [f"0x{each:04X}" for each in CONTENTS if each not in areas and f"0x{each:04X}" not in told] == []


@pytest.mark.parametrize("page", ["formats.md", "formats.zh.md"])
def test_the_dialect_on_the_page_can_be_read(page):
    example = (PAGES / page).read_text().split("```json\n")[1].split("```")[0]
    (found,) = jt808.read_items(b"\xe1\x02\x04\xe2", dialects=[jt808.read_dialect(example.encode())]).vendor
    assert found.values == {"voltage": 12.5}

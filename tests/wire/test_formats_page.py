"""The page about formats names the limits that the code has."""

from pathlib import Path

import pytest

from huoji.wire import MAX_DEPTH, dcsa, epcis, kuaidi100
from huoji.wire.epcis.parts import MAX_EPCS
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
        DEFAULT_LIMITS.unpacked_bytes,
    ]
    counts = [
        epcis.MAX_EVENTS,
        dcsa.MAX_EVENTS,
        kuaidi100.MAX_LINES,
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

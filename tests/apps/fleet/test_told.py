"""What a terminal told besides its position, on its page: by the standard, by a maker's dialect, or as bytes."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from huoji.apps.fleet.actions.storing import PointIn, store
from huoji.apps.fleet.models import Terminal
from huoji.apps.fleet.queries import dialects
from huoji.core.position import Point

pytestmark = pytest.mark.django_db
TOWERS = bytes.fromhex("5d0b0101cc0827b1000010c516")
EXTRA = bytes.fromhex("0202007d0602ffeee10204e2") + TOWERS
MINE = b'{"name": "mine", "title": "Mine", "source": "Manual", "items": {"E1": {"name": "battery", "fields": [{"name": "volt", "type": "u16", "scale": 0.01}]}}}'


@pytest.fixture
def page_of(client_of):
    """Return the page of a terminal of that dialect which sent one position."""

    def load(dialect: str, *, language: str = "zh-hans") -> str:
        row = Terminal.objects.create(kind="jt808", number="13800138000", dialect=dialect)
        now = datetime.now(UTC)
        point = Point(at=int(now.timestamp()) - 60, lat_e6=31_230_400, lon_e6=121_473_700, speed_dkmh=300)
        store([PointIn(terminal_id=row.pk, point=point, digest=7, raw=b"raw", extra=EXTRA)], source="jt808", now=now)
        answer = client_of("dispatch").get(f"/app/terminals/{row.pk}", headers={"accept-language": language})
        assert answer.status_code == 200
        return answer.content.decode()

    return load


def test_standard_items_have_names_and_others_are_kept_as_bytes(page_of):
    shown = page_of("")
    assert "12.5 L" in shown
    assert "-18 °C" in shown
    assert "0xE1" in shown
    assert "04e2" in shown
    assert "0x5D" in shown


def test_items_of_a_maker_are_read_by_the_dialect_of_the_terminal(page_of):
    shown = page_of("cells")
    assert "cell_towers.count" in shown
    assert "mcc 460, mnc 8, lac 10161, cell 4293, signal 22" in shown
    assert "0x5D" not in shown


def test_an_operator_adds_a_dialect_by_a_file_and_a_faulty_one_harms_nobody(page_of, settings, tmp_path):
    folder = tmp_path / "dialects"
    folder.mkdir()
    (folder / "mine.json").write_bytes(MINE)
    (folder / "broken.json").write_bytes(b"{")
    settings.HUOJI = replace(settings.HUOJI, data_dir=tmp_path)
    assert dialects.named("broken") is None
    assert dialects.named("../secret") is None
    shown = page_of("mine")
    assert "battery.volt" in shown
    assert "12.5" in shown

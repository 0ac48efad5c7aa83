"""Clocks of sites."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from huoji.core.place import offset_min


@pytest.mark.parametrize(
    ("zone", "month", "minutes"),
    [
        ("Asia/Shanghai", 1, 480),
        ("Europe/Berlin", 1, 60),
        ("Europe/Berlin", 7, 120),
        ("Asia/Kolkata", 1, 330),
        ("No/Where", 1, 480),
    ],
)
def test_a_site_has_the_offset_of_its_zone_at_that_moment(zone, month, minutes):
    assert offset_min(SimpleNamespace(time_zone=zone), datetime(2026, month, 1, tzinfo=UTC)) == minutes


def test_a_site_that_is_not_known_has_the_clocks_of_china():
    assert offset_min(None, datetime(2026, 7, 1, tzinfo=UTC)) == 480

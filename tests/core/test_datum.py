"""Datums of base maps: what is shifted, how far, and that nothing is shifted twice."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from huoji.core.datum import Datum, Shown, is_shifted, keep, show
from huoji.core.geo import distance_m

SHIFTED = [
    ("Beijing", 39.915, 116.404), ("Yangshan", 30.6260, 122.0667), ("Yantian", 22.5790, 114.2690), ("Urumqi", 43.8, 87.6),
    ("Shekou", 22.48, 113.91), ("Luohu", 22.545, 114.12), ("Gongbei", 22.225, 113.55), ("Hengqin", 22.13, 113.52),
    ("Xiamen", 24.48, 118.09), ("Pingtan", 25.5, 119.78), ("Dandong", 40.124, 124.37), ("Hunchun", 42.86, 130.37),
    ("Heihe", 50.24, 127.49), ("Manzhouli", 49.598, 117.44), ("Erenhot", 43.65, 111.98), ("Khorgos", 44.21, 80.42),
    ("Alashankou", 45.17, 82.57), ("Ruili", 24.01, 97.85), ("Hekou", 22.53, 103.96), ("Dongxing", 21.545, 107.97),
    ("Sanya", 18.25, 109.5), ("Zhoushan", 30.0, 122.1), ("Weihai", 37.5, 122.1), ("Fuyuan", 48.36, 134.29), ("Lhasa", 29.65, 91.1),
]  # fmt: skip
UNSHIFTED = [
    ("Ho Chi Minh City", 10.7769, 106.7009), ("Seoul", 37.57, 126.98), ("Busan", 35.1, 129.04), ("Pyongyang", 39.02, 125.75),
    ("Sinuiju", 40.09, 124.41), ("Fukuoka", 33.59, 130.4), ("Osaka", 34.69, 135.5), ("Okinawa", 26.2, 127.7),
    ("Hong Kong", 22.28, 114.16), ("Kwai Chung", 22.34, 114.12), ("Sheung Shui", 22.50, 114.128), ("Hong Kong airport", 22.308, 113.918),
    ("Macau", 22.2, 113.545), ("Coloane", 22.125, 113.565), ("Taipei", 25.03, 121.56), ("Kaohsiung", 22.62, 120.3), ("Penghu", 23.57, 119.58),
    ("Kinmen", 24.45, 118.38), ("Matsu", 26.16, 119.95), ("Hanoi", 21.03, 105.85), ("Lao Cai", 22.485, 103.97), ("Mong Cai", 21.527, 107.966),
    ("Ulaanbaatar", 47.9, 106.9), ("Vladivostok", 43.12, 131.9), ("Blagoveshchensk", 50.29, 127.54), ("Almaty", 43.24, 76.9),
    ("Kathmandu", 27.7, 85.3), ("Myitkyina", 25.38, 97.4), ("Singapore", 1.3, 103.8), ("Rotterdam", 51.9, 4.4), ("Manila", 14.6, 121.0),
]  # fmt: skip
ANYWHERE = st.tuples(st.floats(-90, 90), st.floats(-180, 180))
CHINA_AND_AROUND = st.tuples(st.floats(15, 55), st.floats(70, 137))


@pytest.mark.parametrize(("lat", "lon"), [pytest.param(*at, id=name) for name, *at in SHIFTED])
def test_base_maps_of_the_mainland_are_shifted(lat, lon):
    shown = show(lat, lon, datum=Datum.GCJ02)
    assert shown.datum is Datum.GCJ02
    assert 50 < distance_m((lat, lon), (shown.lat, shown.lon)) < 800


@pytest.mark.parametrize(("lat", "lon"), [pytest.param(*at, id=name) for name, *at in UNSHIFTED])
@pytest.mark.parametrize("datum", list(Datum))
def test_elsewhere_nothing_is_shifted(lat, lon, datum):
    assert show(lat, lon, datum=datum) == Shown(lat=lat, lon=lon, datum=Datum.WGS84)


@pytest.mark.parametrize(
    ("at", "gcj"),
    [
        pytest.param((39.915, 116.404), (39.916404, 116.410244), id="Beijing"),
        pytest.param((30.6260, 122.0667), (30.623826, 122.071101), id="Yangshan"),
        pytest.param((22.5790, 114.2690), (22.576145, 114.273821), id="Yantian"),
    ],
)
def test_the_shift_is_the_published_one(at, gcj):
    shown = show(*at, datum=Datum.GCJ02)
    assert (shown.lat, shown.lon) == pytest.approx(gcj, abs=1e-6)


def test_the_second_shift_is_the_published_one():
    wgs = keep(Shown(lat=39.915, lon=116.404, datum=Datum.GCJ02))
    baidu = show(*wgs, datum=Datum.BD09)
    assert (baidu.lat, baidu.lon) == pytest.approx((39.921337, 116.410369), abs=1e-6)
    amap = show(*keep(Shown(lat=39.915, lon=116.404, datum=Datum.BD09)), datum=Datum.GCJ02)
    assert (amap.lat, amap.lon) == pytest.approx((39.908657, 116.397627), abs=1e-6)


@given(ANYWHERE | CHINA_AND_AROUND, st.sampled_from(Datum))
def test_what_is_shown_leads_back_within_a_millimetre(at, datum):
    assert distance_m(keep(show(*at, datum=datum)), at) < 0.001


@given(CHINA_AND_AROUND, st.sampled_from(Datum), st.sampled_from(Datum))
def test_showing_what_came_back_is_showing_it_the_first_time(at, first, second):
    assume(is_shifted(*at))
    again = keep(show(*at, datum=first))
    assume(is_shifted(*again))
    one, other = show(*at, datum=second), show(*again, datum=second)
    assert one.datum is other.datum
    assert distance_m((one.lat, one.lon), (other.lat, other.lon)) < 0.002

"""Texts that name one customer compare as one, and phones are found however they are written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huoji.core.customer import alias_key, phone_key


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("138 0013 8000", "13800138000"),
        ("+86-13800138000", "13800138000"),
        ("008613800138000", "13800138000"),
        ("86 21 6234 5678", "2162345678"),
        ("021-62345678", "02162345678"),
        ("13800138000", "13800138000"),
        ("8613800", "8613800"),
        ("123", ""),
        ("张三", ""),
        ("1" * 30, ""),
    ],
)
def test_a_phone_is_its_digits_without_the_country(written, key):
    assert phone_key(written) == key


@given(st.text(max_size=60))
def test_keys_are_stable(text):
    assert alias_key(alias_key(text)) == alias_key(text)
    assert phone_key(phone_key(text)) in {phone_key(text), ""} or phone_key(text).startswith("86")


def test_a_name_is_one_however_it_is_spaced_and_cased():
    assert alias_key("Acme-Trading  co.") == alias_key("ACME TRADING CO")
    assert alias_key("上海 某某") == alias_key("上海某某")

"""Own waybill numbers never repeat, do not reveal their order and catch typing mistakes."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huoji.core.numbers import (
    SEQUENCE_MAX,
    NumberError,
    is_waybill_number,
    normalise,
    parse_waybill_number,
    permute,
    sequence_of,
    unpermute,
    waybill_number,
)

KEY = b"a key of thirty-two bytes length"
sequences = st.integers(0, SEQUENCE_MAX)
keys = st.binary(min_size=16, max_size=64)
numbers = sequences.map(lambda sequence: waybill_number(sequence, key=KEY, prefix="HJ"))


@given(sequences, keys)
def test_the_permutation_can_be_undone_for_every_key_so_no_two_sequences_share_a_number(sequence, key):
    assert unpermute(permute(sequence, key=key), key=key) == sequence
    assert 0 <= permute(sequence, key=key) <= SEQUENCE_MAX


@given(sequences, keys)
def test_every_serial_is_reached(serial, key):
    assert permute(unpermute(serial, key=key), key=key) == serial


@given(sequences, keys)
def test_a_number_tells_its_sequence_to_whoever_holds_the_key(sequence, key):
    assert sequence_of(waybill_number(sequence, key=key, prefix="HJ"), key=key, prefix="HJ") == sequence


def test_the_first_hundred_thousand_numbers_are_all_different():
    made = {waybill_number(sequence, key=KEY, prefix="HJ") for sequence in range(100_000)}
    assert len(made) == 100_000
    assert {len(number) for number in made} == {15}


def test_neighbours_look_unrelated():
    made = [int(waybill_number(sequence, key=KEY, prefix="HJ")[2:-1]) for sequence in range(2000)]
    gaps = {abs(b - a) for a, b in pairwise(made)}
    assert len(gaps) == 1999
    assert min(gaps) > 1000
    leading = [sum(str(number).zfill(12)[0] == str(digit) for number in made) for digit in range(10)]
    assert min(leading) > 120


def test_another_key_gives_other_numbers():
    assert waybill_number(1, key=KEY, prefix="HJ") != waybill_number(1, key=KEY[::-1], prefix="HJ")


@given(numbers, st.integers(2, 14), st.integers(1, 9))
def test_one_wrong_digit_is_always_caught(number, position, shift):
    wrong = str((int(number[position]) + shift) % 10)
    assert not is_waybill_number(number[:position] + wrong + number[position + 1 :], "HJ")


@given(numbers, st.integers(2, 13))
def test_two_swapped_neighbours_are_always_caught(number, position):
    swapped = number[:position] + number[position + 1] + number[position] + number[position + 2 :]
    assert is_waybill_number(swapped, "HJ") == (swapped == number)


@given(numbers, st.sampled_from([" ", "-", "—", "\u3000", "\u200b", "\u00a0", "."]))
def test_a_number_is_read_however_it_was_written(number, separator):
    full_width = "".join(chr(ord(char) + 0xFEE0) for char in number.lower())
    assert parse_waybill_number(separator.join(number), prefix="HJ") == number
    assert parse_waybill_number(f" {full_width}{separator}", prefix="HJ") == number


@given(st.text(max_size=40))
def test_any_text_is_either_refused_or_its_own_canonical_form(text):
    if is_waybill_number(text, "HJ"):
        assert parse_waybill_number(text, prefix="HJ") == normalise(text)
    else:
        with pytest.raises(NumberError):
            parse_waybill_number(text, prefix="HJ")


@given(st.text(max_size=40))
def test_normalising_twice_changes_nothing(text):
    assert normalise(normalise(text)) == normalise(text)


@pytest.mark.parametrize("sequence", [-1, SEQUENCE_MAX + 1])
def test_a_sequence_outside_the_range_is_refused(sequence):
    with pytest.raises(ValueError, match="between"):
        waybill_number(sequence, key=KEY, prefix="HJ")


@pytest.mark.parametrize("prefix", ["", "hj", "HJ1", "货", "ABCDE"])
def test_a_prefix_is_one_to_four_capital_letters(prefix):
    with pytest.raises(ValueError, match="prefix"):
        waybill_number(1, key=KEY, prefix=prefix)


@pytest.mark.parametrize("key", [b"short", b"x" * 65])
def test_a_weak_key_is_refused(key):
    with pytest.raises(ValueError, match="key"):
        waybill_number(1, key=key, prefix="HJ")

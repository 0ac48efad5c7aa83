"""A JSON array is cut into its items whatever their strings hold, and nothing else is forgiven."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huoji.core.handling import MoveTold
from huoji.core.items import ItemDecoder, ItemError, cut

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.sampled_from('a"\\[]{},\x00\ud800é')),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(VALUES, max_size=6), st.booleans())
def test_each_item_is_what_was_put_in(values, spaced):
    body = json.dumps(values, indent=1 if spaced else None).encode()
    items = cut(body)
    assert items is not None
    assert [json.loads(item) for item in items] == json.loads(body)


@given(st.binary(max_size=60) | st.text('[]{},"\\1a ', max_size=40).map(str.encode))
def test_no_bytes_make_it_fail_otherwise_than_by_saying_so(body):
    items = cut(body)
    assert items is None or all(items)


@pytest.mark.parametrize(
    ("body", "items"),
    [
        pytest.param(b'["\xff", 1]', [b'"\xff"', b"1"], id="a byte that is no UTF-8"),
        pytest.param(b'[{"a": "\x01"}, {}]', [b'{"a": "\x01"}', b"{}"], id="a raw control character"),
        pytest.param(b'["\\x"]', [b'"\\x"'], id="an escape that there is not"),
        pytest.param(b" [ ] ", [], id="nothing"),
        pytest.param(b'["a]', None, id="a string without end"),
        pytest.param(b"[1 2]", None, id="no comma"),
        pytest.param(b"[1,,2]", None, id="no item"),
        pytest.param(b"[1]]", None, id="more than the array"),
        pytest.param(b"{}", None, id="no array"),
        pytest.param(b"[" * 5_000 + b"]" * 5_000, None, id="deeper than anybody reads"),
    ],
)
def test_only_strings_are_forgiven(body, items):
    assert cut(body) == items


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b'{"id": "1", "verb": "shelve", "at": ""}', "`verb` must be one of in, locate, move, out, count, undo."),
        (b'{"id": "1", "verb": 3, "at": ""}', "Expected `str`, got `int` - at `$.verb`"),
        (b'{"id": "1", "verb": "in"}', "Object missing required field `at`"),
    ],
)
def test_a_word_that_is_none_of_ours_is_refused_with_ours(body, detail):
    with pytest.raises(ItemError) as refused:
        ItemDecoder(MoveTold).decode(body)
    assert (refused.value.code, refused.value.detail) == ("invalid_item", detail)

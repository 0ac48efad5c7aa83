"""Strategies that break documents: random bytes, random JSON, and a good document with one thing changed."""

import copy
import json

from hypothesis import strategies as st

from huoji.wire import FormatError

LEAVES = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20)
)
ANY_JSON = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)


def spots(value, path=()):
    """List the paths of everything inside a JSON value."""
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, found in inner:
        yield from spots(found, (*path, key))


def put(value, path, found):
    """Put a value at a path and return the changed copy."""
    if not path:
        return found
    changed = copy.deepcopy(value)
    holder = changed
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = found
    return changed


def damaged(document):
    """Make documents that differ from a good one in one place."""
    return st.tuples(st.sampled_from(list(spots(document))), ANY_JSON).map(
        lambda change: json.dumps(put(document, change[0], change[1])).encode()
    )


def outcome(decode, data):
    """Decode to facts or to our own error with its faults; any other exception breaks the test."""
    try:
        return decode(data)
    except FormatError as error:
        return error.faults

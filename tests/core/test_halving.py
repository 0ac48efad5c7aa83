"""Trying by halves finds what fails, in order, and does everything else once."""

from hypothesis import given
from hypothesis import strategies as st

from huoji.core.halving import Halving

BAD = ValueError("bad")


@given(st.lists(st.booleans(), max_size=200))
def test_what_fails_alone_is_found_and_all_else_is_done_once_in_its_order(fails):
    halving, done, tries = Halving(range(len(fails))), [], 0
    while some := halving.next():
        tries += 1
        bad = any(fails[place] for place in some)
        halving.told(BAD if bad else None)
        done += [] if bad else some
    assert sorted(halving.refused) == [place for place, bad in enumerate(fails) if bad]
    assert done == [place for place, bad in enumerate(fails) if not bad]
    assert tries <= max(1, 1 + 2 * sum(fails) * len(fails).bit_length())
    assert set(halving.refused.values()) <= {BAD}

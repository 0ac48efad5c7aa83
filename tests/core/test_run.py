"""Whether a run has left a first stop that nobody saw it at."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from huoji.core.run import LEFT_M, begun

METRES = st.lists(st.floats(0, 400_000), min_size=1, max_size=20)


def walk(sights):
    nearest, passed = None, []
    for along_m in sights:
        nearest, is_passed = begun(nearest, along_m)
        passed.append(is_passed)
    return nearest, passed


@given(METRES)
def test_it_has_begun_only_when_it_is_further_than_it_once_was(sights):
    nearest, passed = walk(sights)
    assert nearest == round(min(sights))
    for number, is_passed in enumerate(passed):
        assert is_passed == (sights[number] - round(min(sights[: number + 1])) >= LEFT_M)


@given(METRES)
def test_what_only_comes_nearer_has_not_begun_and_what_goes_on_has_sooner_or_later(sights):
    nearing = sorted(sights, reverse=True)
    assert not any(walk(nearing)[1])
    onward = sorted(sights)
    assert all(after or not before for before, after in pairwise(walk(onward)[1]))
    assert walk([*onward, onward[0] + LEFT_M + 1])[1][-1]

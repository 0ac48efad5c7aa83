"""What holds a waybill when, as told of itself and of papers that it may leave."""

import itertools

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from huoji.core.custody import FOREVER, Hold, holds, told_within
from huoji.core.milestone import Milestone
from huoji.core.timeline import MILESTONE_CODE, Fact
from tests.core.test_timeline import facts_of

LEFT, PAPER, OTHER = 50, 901, 902
MOVES = [
    MILESTONE_CODE[m] for m in (Milestone.LOADED, Milestone.UNLOADED, Milestone.STRIPPED, Milestone.DELIVERED, Milestone.INFO)
]  # fmt: skip
moves = st.lists(
    st.builds(
        lambda key, at, milestone, holder, paper: Fact(
            key=key, digest=key, at=at, recorded=at, milestone=milestone, holder=holder, paper=paper
        ),
        st.integers(1, 10**6), st.integers(1, 100), st.sampled_from(MOVES), st.sampled_from([0, 11, 12]),
        st.sampled_from([0, PAPER, OTHER]),
    ),
    max_size=9, unique_by=lambda fact: fact.key,
)  # fmt: skip


def before(spans: tuple[Hold, ...], at: int) -> list[Hold]:
    cut = [hold._replace(end=min(hold.end, at)) for hold in spans if hold.start < at]
    return [hold for hold in cut if hold.start < hold.end]


@given(facts=moves)
def test_leaving_a_paper_changes_nothing_before_and_ends_what_it_alone_said(facts):
    under = [fact for fact in facts if fact.paper != PAPER or fact.at < LEFT]
    cut, uncut = holds(under, papers=[Hold(PAPER, 0, LEFT), Hold(OTHER, 0)]), holds(under)
    assert before(cut, LEFT) == before(uncut, LEFT)
    assert holds(under, papers=[Hold(PAPER, 0), Hold(OTHER, 0)]) == uncut
    others = [fact for fact in under if fact.paper != PAPER]
    if not any(fact.holder for fact in others):
        assert all(hold.end <= LEFT for hold in cut)
    if not any(fact.holder for fact in under if fact.paper == PAPER):
        assert cut == uncut
    assert all(hold.end <= later.start for hold, later in itertools.pairwise(cut)), "in one at a time"


@given(facts=facts_of(), shuffle=st.randoms(use_true_random=False), data=st.data())
def test_of_two_times_that_follow_each_other_one_has_each_fact_and_both_have_the_corrections(facts, shuffle, data):
    at = data.draw(st.sampled_from([fact.at for fact in facts] or [1]))
    first, then = told_within(facts, Hold(1, -FOREVER, at)), told_within(facts, Hold(1, at))
    for fact in facts:
        assert (fact in first) + (fact in then) == (2 if fact.voids else 1)
    mixed = shuffle.sample(facts, len(facts))
    assert {(f.key, f.at) for f in told_within(mixed, Hold(1, at))} == {(f.key, f.at) for f in then} or _is_twice(facts)
    assert told_within(facts, Hold(1, 0)) == facts
    moved = [replace(fact, rev=fact.rev + 5, at=at - 1) for fact in facts if not fact.voids]
    assert not [f for f in told_within([*facts, *moved], Hold(1, at)) if not f.voids], "a revision takes all along"


def _is_twice(facts) -> bool:
    """Tell whether two contents of one event are of one revision, which no source tells."""
    return len({(fact.key, fact.rev) for fact in facts}) < len(facts)

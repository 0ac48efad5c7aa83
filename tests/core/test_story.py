"""What is shown of a story."""

from huoji.core.answer import Audience
from huoji.core.milestone import Milestone
from huoji.core.story import Reading, answer, tell
from huoji.core.timeline import ACTUAL, ESTIMATED, MILESTONE_CODE, PLANNED, Fact

T0 = 1_790_000_000
READING = Reading(audience=Audience.BARE, now=T0 + 10**6, silence_s=10**7, place_name=str, source_name=str)


def fact(milestone: Milestone, at: int, classifier: int = ACTUAL, **more) -> Fact:
    code = MILESTONE_CODE[milestone]
    key = more.pop("key", at * 7 + code * 3 + classifier)
    return Fact(key=key, digest=key, at=T0 + at, recorded=T0 + more.pop("told", at), milestone=code,
                classifier=classifier, **more)  # fmt: skip


def shown(*facts: Fact) -> list[tuple[str, str]]:
    told = answer(tell(facts, line=2, pieces=1), number="X", reading=READING)
    return [(entry.classifier.value, entry.milestone.value) for entry in told.entries]


def test_an_estimate_that_came_true_is_no_longer_ahead():
    ahead = fact(Milestone.ARRIVED, 500, ESTIMATED, place="Singapore", told=1)
    assert shown(ahead) == [("EST", "arrived")]
    assert shown(ahead, fact(Milestone.ARRIVED, 510, place="Singapore")) == [("ACT", "arrived")]


def test_nothing_is_ahead_of_what_was_delivered():
    assert shown(fact(Milestone.ARRIVED, 900, PLANNED, place="B"), fact(Milestone.DELIVERED, 800)) == [
        ("ACT", "delivered")
    ]


def test_pieces_that_travel_together_are_told_of_once():
    together = [fact(Milestone.DEPARTED, 100, place="A", piece=piece, key=piece) for piece in (7, 8, 9)]
    assert shown(*together) == [("ACT", "departed")]

"""What lies where: the fold of movements depends on their set alone, and goods are at one place at a time."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huoji.core.storage import Departure, DiscrepancyKind, Effect, Left, Line, Move, Verb, fold, judge

START = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
A, B = 1, 2


def move(number: int, verb: str, minute: float, *, site: int = A, location: int | None = None, by: str = "w1", **more):
    return Move(
        id=UUID(int=number), verb=Verb(verb), site=site, at=START + timedelta(minutes=minute), location=location, by=by,
        **more,
    )  # fmt: skip


def kinds(shelf):
    return [flag.kind.value for flag in shelf.flags]


@pytest.mark.parametrize(
    ("moves", "place", "flags"),
    [
        ([move(1, "in", 0)], (A, None), []),
        ([move(1, "in", 0), move(2, "locate", 1, location=7)], (A, 7), []),
        ([move(1, "in", 0, location=7), move(2, "move", 1, location=8)], (A, 8), []),
        ([move(1, "in", 0), move(2, "out", 5)], None, []),
        ([move(1, "out", 0)], None, ["out_without_in"]),
        ([move(1, "out", 0), move(2, "out", 1)], None, ["out_without_in"]),
        ([move(1, "out", 0), move(2, "out", 5)], None, ["out_without_in", "out_without_in"]),
        ([move(1, "locate", 0, location=7)], (A, 7), ["shelved_without_in"]),
        ([move(1, "in", 0), move(2, "in", 9, site=B)], (B, None), ["left_without_out"]),
        ([move(1, "in", 0), move(2, "out", 9, site=B)], None, ["left_without_out", "out_without_in"]),
        ([move(1, "in", 0), move(2, "in", 3)], (A, None), []),
        ([move(1, "in", 0), move(2, "out", 3), move(3, "in", 9)], (A, None), []),
        ([move(1, "in", 0), move(2, "undo", 3, voids=UUID(int=1))], None, []),
        ([move(1, "in", 0), move(2, "undo", 3, voids=UUID(int=1), by="w2")], (A, None), []),
        ([move(1, "in", 0), move(2, "undo", 3, voids=UUID(int=1), by="w2", overrides=True)], None, []),
        ([move(1, "in", 0), move(2, "count", 3, location=9)], (A, None), []),
    ],
    ids=[
        "in", "put on a shelf", "moved", "out", "out without in", "a nervous second beep out", "out twice", "shelved without in",
        "turned up elsewhere", "left from elsewhere", "in twice", "back again", "undone", "not undone by another",
        "undone by the manager", "a count moves nothing",
    ],
)  # fmt: skip
def test_where_goods_are_and_what_does_not_add_up(moves, place, flags):
    shelf = fold(moves)
    present = shelf.present
    assert (present and (present.site, present.location)) == place
    assert kinds(shelf) == flags


def test_a_late_scan_explains_what_it_seemed_to_contradict():
    out = move(2, "out", 10)
    assert kinds(fold([out])) == ["out_without_in"]
    assert kinds(fold([out, move(1, "in", 0)])) == []


MOVES = st.lists(
    st.builds(
        lambda number, verb, minute, site, location, target: move(
            number, verb, minute, site=site, location=location, voids=UUID(int=target) if verb == "undo" else None
        ),
        number=st.integers(1, 10_000), verb=st.sampled_from([verb.value for verb in Verb]), minute=st.integers(0, 40),
        site=st.sampled_from([A, B]), location=st.sampled_from([7, 8]), target=st.integers(1, 12),
    ),
    max_size=14, unique_by=lambda each: each.id,
)  # fmt: skip


@given(MOVES, st.randoms(use_true_random=False), st.lists(st.integers(0, 13), max_size=6))
def test_order_of_arrival_and_repeats_change_nothing(moves, random, again):
    queue = [*moves, *(moves[index] for index in again if index < len(moves))]
    random.shuffle(queue)
    assert fold(queue) == fold(moves)


@given(MOVES)
def test_goods_are_at_one_place_at_a_time_and_stock_is_never_negative(moves):
    shelf = fold(moves)
    for stay, following in zip(shelf.stays, shelf.stays[1:], strict=False):
        assert stay.until is not None
        assert stay.since <= stay.until <= following.since
    came = sum(effect is Effect.CAME for _, effect in shelf.effects)
    assert came == len(shelf.stays)
    assert sum(stay.until is None for stay in shelf.stays) == (shelf.present is not None)
    level = 0
    for one, effect in shelf.effects:
        closes = sum(stay.closed_by == one.id for stay in shelf.stays)
        level += (effect is Effect.CAME) - closes
        assert level in (0, 1)


@given(MOVES)
def test_taking_everything_back_leaves_nothing(moves):
    undone = [*moves, *(move(20_000 + n, "undo", 90, voids=each.id) for n, each in enumerate(moves))]
    shelf = fold(undone)
    assert (shelf.stays, shelf.flags) == ((), ())


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        (Line(booked=1, now=1, found=1, is_found=True), None),
        (Line(booked=1, now=1, found=None, is_found=True), None),
        (Line(booked=1, now=1, found=2, is_found=True), DiscrepancyKind.MISPLACED),
        (Line(booked=1, now=1, found=None, is_found=False), DiscrepancyKind.MISSING),
        (Line(booked=1, now=None, found=None, is_found=False), None),
        (Line(booked=None, now=1, found=None, is_found=False), None),
        (Line(booked=None, now=None, found=1, is_found=True), DiscrepancyKind.UNEXPECTED),
        (Line(booked=None, now=None, found=1, is_found=True, elsewhere=True), DiscrepancyKind.MISPLACED),
        (Line(booked=None, now=None, found=1, is_found=True, moved=True), None),
        (Line(booked=None, now=1, found=1, is_found=True), None),
        (Line(booked=1, now=None, found=1, is_found=True, moved=True), None),
    ],
    ids=[
        "as booked", "found without a shelf", "on another shelf", "not found", "left while counting",
        "came while counting", "too many", "booked in another area", "moved away while counting",
        "came and was found", "found, then left",
    ],
)  # fmt: skip
def test_what_a_count_says_of_one_number(line, kind):
    assert judge(line) is kind


def departure(number: int, minute: float, how: Left = Left.LOADED) -> Departure:
    return Departure(id=UUID(int=50_000 + number), how=how, at=START + timedelta(minutes=minute))


@pytest.mark.parametrize(
    ("moves", "departures", "place", "flags"),
    [
        ([move(1, "in", 0)], [departure(1, 5)], None, ["left_without_out"]),
        ([move(1, "in", 0), move(2, "out", 4)], [departure(1, 5)], None, []),
        ([move(1, "in", 0), move(2, "out", 9)], [departure(1, 5)], None, []),
        ([move(1, "in", 0), move(2, "out", 9, site=B)], [departure(1, 5)], None, ["left_without_out", "out_without_in"]),
        ([move(1, "in", 0), move(2, "in", 9, site=B)], [departure(1, 5)], (B, None), ["left_without_out"]),
        ([move(1, "in", 0), move(2, "locate", 9, location=7)], [departure(1, 5)], (A, 7), ["left_without_out", "shelved_without_in"]),
        ([move(1, "in", 6)], [departure(1, 5)], (A, None), []),
        ([move(1, "in", 0)], [departure(1, 5), departure(2, 60, Left.DELIVERED)], None, ["left_without_out"]),
        ([], [departure(1, 5)], None, []),
    ],
    ids=[
        "loaded", "scanned out before", "scanned out when the lorry was full", "out of another store", "came to another",
        "shelved again: it is here", "came after it", "loaded, then delivered", "never in a store",
    ],
)  # fmt: skip
def test_what_a_shipment_says_ends_the_stay_that_nobody_scanned_out(moves, departures, place, flags):
    shelf = fold(moves, departures)
    assert (shelf.present and (shelf.present.site, shelf.present.location)) == place
    assert kinds(shelf) == flags


DEPARTURES = st.lists(
    st.builds(departure, st.integers(1, 99), st.integers(0, 40)), max_size=4, unique_by=lambda d: d.id
)


@given(MOVES, DEPARTURES, st.randoms(use_true_random=False))
def test_nothing_is_in_stock_after_it_departed_until_somebody_scans_it_again(moves, departures, random):
    queue = random.sample(moves, len(moves))
    shelf = fold(queue, random.sample(departures, len(departures)))
    assert shelf == fold(moves, departures)
    for stay in shelf.stays:
        assert not any(stay.since < each.at and (stay.until is None or each.at < stay.until) for each in departures)
    for stay, following in zip(shelf.stays, shelf.stays[1:], strict=False):
        assert stay.until is not None
        assert stay.since <= stay.until <= following.since

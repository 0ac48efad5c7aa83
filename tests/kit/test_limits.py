"""Token buckets: the burst at once, the rate over time, each client for itself."""

import pytest
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from huoji.core.permission import ANONYMOUS, system
from huoji.kit import limits
from huoji.kit.limits import Buckets, Limit
from huoji.kit.problem import Problem

LIMIT = Limit(name="test", per_minute=60, burst=5)


class Clock:
    def __init__(self):
        self.now_s = 0.0

    def __call__(self):
        return self.now_s


@given(st.lists(st.floats(min_value=0, max_value=30), max_size=200))
def test_no_client_ever_gets_more_than_burst_plus_rate(pauses):
    clock = Clock()
    buckets = Buckets(LIMIT, clock=clock)
    passed = 0
    for pause in pauses:
        clock.now_s += pause
        passed += buckets.wait_s("a", cost=1) == 0
    assert passed <= LIMIT.burst + clock.now_s * LIMIT.per_minute / 60 + 1e-6


def test_after_the_wait_that_was_told_the_request_passes():
    clock = Clock()
    buckets = Buckets(LIMIT, clock=clock)
    assert [buckets.wait_s("a", cost=1) for _ in range(5)] == [0.0] * 5
    wait_s = buckets.wait_s("a", cost=1)
    assert 0 < wait_s <= 1
    assert buckets.wait_s("b", cost=1) == 0
    clock.now_s += wait_s
    assert buckets.wait_s("a", cost=1) == 0


def test_a_batch_larger_than_the_burst_passes_from_a_full_bucket_and_drains_it():
    buckets = Buckets(LIMIT, clock=Clock())
    assert buckets.wait_s("a", cost=50) == 0
    assert buckets.wait_s("a", cost=1) > 0


def test_memory_stays_bounded_under_many_addresses(monkeypatch):
    monkeypatch.setattr(limits, "CLIENTS_MAX", 100)
    buckets = Buckets(LIMIT, clock=Clock())
    for number in range(1_000):
        buckets.wait_s(str(number), cost=1)
    assert len(buckets._buckets) == 100


def test_the_refusal_tells_how_long_to_wait_and_which_limit_it_was():
    request = RequestFactory().get("/")
    request.client, request.actor = "203.0.113.5", ANONYMOUS
    buckets = Buckets(LIMIT, clock=Clock())
    for _ in range(5):
        buckets.take(request)
    with pytest.raises(Problem) as refusal:
        buckets.take(request)
    assert refusal.value.extra == {"retry_after_s": 1, "limit": "test"}
    request.actor = system("import")
    buckets.take(request)

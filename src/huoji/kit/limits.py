"""Request limits: token buckets in each process, counted by client; nothing is written anywhere."""

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

from django.utils.translation import gettext_lazy as _

from huoji.kit.http import Request, actor_of, client_key
from huoji.kit.problem import Problem

CLIENTS_MAX = 50_000  # the least recently seen client is forgotten first; about 10 MB when full


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """So many a minute on average, and so many at once, for each client."""

    name: str
    per_minute: float
    burst: float


@dataclass(slots=True)
class Bucket:
    """How many tokens a client had left, and when (monotonic seconds) that was true."""

    tokens: float
    at_s: float


class Buckets:
    """The buckets of one limit in this process."""

    def __init__(self, limit: Limit, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.limit = limit
        self._clock = clock
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()
        self._lock = Lock()

    def wait_s(self, key: str, *, cost: float) -> float:
        """Take tokens and return 0, or take nothing and return the seconds until they are there."""
        now_s = self._clock()
        rate_s = self.limit.per_minute / 60
        with self._lock:
            bucket = self._buckets.get(key)
            if bucket is None:
                bucket = self._buckets[key] = Bucket(self.limit.burst, now_s)
                if len(self._buckets) > CLIENTS_MAX:
                    self._buckets.popitem(last=False)
            else:
                self._buckets.move_to_end(key)
            bucket.tokens = min(self.limit.burst, bucket.tokens + (now_s - bucket.at_s) * rate_s)
            bucket.at_s = now_s
            if bucket.tokens >= min(cost, self.limit.burst):  # a batch larger than the burst drains it
                bucket.tokens = max(0.0, bucket.tokens - cost)
                return 0.0
            return (min(cost, self.limit.burst) - bucket.tokens) / rate_s

    def forget(self) -> None:
        """Fill every bucket again."""
        with self._lock:
            self._buckets.clear()

    def take(self, request: Request, *, cost: float = 1) -> None:
        """Let the request pass or raise `rate_limited`; a key or member of staff is counted by itself, others by address."""
        actor = actor_of(request)
        key = actor.principal if actor.permissions else client_key(request.client)
        if wait_s := self.wait_s(key, cost=cost):
            raise Problem("rate_limited", 429, _("请稍后再试"), retry_after_s=math.ceil(wait_s), limit=self.limit.name)

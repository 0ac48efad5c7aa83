"""Work in the background: jobs that handlers defer, and periodic tasks, both declared in an app's `jobs.py`."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from huoji.kit import heartbeat, log, mark

QUEUE = "default"
QUEUE_PERIODIC = "periodic"
QUEUES = (QUEUE, QUEUE_PERIODIC)
ATTEMPTS_MAX = 6
RETRY_FIRST_S = 4


class Job(Protocol):
    """Work that can be put off; inside a transaction it is put off only when that commits."""

    def defer(self, **arguments: Any) -> object: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Periodic:
    """A task that runs by the clock, on one worker at a time."""

    name: str
    cron: str
    run: Callable[[datetime], None]


PERIODIC: dict[str, Periodic] = {}


def job(name: str) -> Callable[[Callable[..., None]], Job]:
    """Declare a job; arguments are plain JSON values, ids and never personal data, and it must be idempotent."""

    def declare(function: Callable[..., None]) -> Job:
        def run(**arguments: Any) -> None:
            with log.bound(job=name):
                function(**arguments)
            heartbeat.count(f'huoji_jobs_total{{job="{name}"}}')

        retry = RetryStrategy(max_attempts=ATTEMPTS_MAX, exponential_wait=RETRY_FIRST_S)
        declared: Job = app.task(name=name, queue=QUEUE, retry=retry)(run)
        return declared

    return declare


def periodic(name: str, *, cron: str) -> Callable[[Callable[[datetime], None]], Callable[[datetime], None]]:
    """Run a function by the clock (cron in UTC; a sixth field counts seconds); it gets `now`.

    However many workers there are, one of them runs it; a run that is still going lets the next one pass.
    """

    def declare(function: Callable[[datetime], None]) -> Callable[[datetime], None]:
        def run(timestamp: int) -> None:
            del timestamp  # when it was due; what counts is when it runs
            run_periodic(name)

        PERIODIC[name] = Periodic(name=name, cron=cron, run=function)
        task = app.task(name=name, queue=QUEUE_PERIODIC, queueing_lock=name, lock=name)(run)
        app.periodic(cron=cron, periodic_id=name)(task)
        return function

    return declare


def run_periodic(name: str) -> None:
    """Run one periodic task now and remember how it went."""
    started = datetime.now(UTC)
    with log.bound(job=name):
        try:
            PERIODIC[name].run(started)
        except Exception as error:
            mark.put(f"task:{name}", now=datetime.now(UTC), ok=False, error=log.summary_of(error))
            raise
    took_s = (datetime.now(UTC) - started).total_seconds()
    mark.put(f"task:{name}", now=started, ok=True, took_s=round(took_s, 3))

"""The worker process: relays the outbox, runs jobs and periodic tasks, and stops cleanly when told."""

import asyncio
from threading import Event, Thread
from typing import cast

from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector

from huoji.config import schedule  # noqa: F401  its tasks register themselves
from huoji.kit import log, relay, task
from huoji.kit.pulse import PULSE

# Two relays, so that a long handler does not hold up the short ones; the second looks less often.
RELAYS_IDLE_S = (0.1, 0.5)
JOBS_AT_ONCE = 4
STOP_WAIT_S = 20.0  # a job that takes longer is cut off and repeated


def main() -> None:
    """Work until SIGTERM or Ctrl-C."""
    stop = Event()
    relays = [Thread(target=relay.run, args=(stop,), kwargs={"idle_s": idle_s}) for idle_s in RELAYS_IDLE_S]
    PULSE.start("worker")
    for thread in relays:
        thread.start()
    try:
        asyncio.run(work())
    finally:
        stop.set()
        for thread in relays:
            thread.join()
        PULSE.stop()


async def work() -> None:
    """Run jobs until a signal comes.

    The running app has an asynchronous connector of its own, while `defer` in a handler keeps using Django's connection:
    so a job exists only when the transaction that asked for it has committed.
    """
    django = cast("DjangoConnector", app.connector)
    working = app.with_connector(django.get_worker_connector())
    async with working.open_async():
        log.KIT.info("worker ready", extra={"periodic": sorted(task.PERIODIC)})
        await working.run_worker_async(
            queues=list(task.QUEUES),
            concurrency=JOBS_AT_ONCE,
            shutdown_graceful_timeout=STOP_WAIT_S,
            install_signal_handlers=True,
            delete_jobs="successful",
        )

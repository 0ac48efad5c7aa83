"""Background work of shipments: renew stale stories, watch for silence, make partitions ahead, forget what is old."""

from datetime import datetime

from huoji.apps.shipments.actions import renewing, retaining
from huoji.kit import announce, outbox, task
from huoji.kit.outbox import Message


@task.job("shipments.renew")
def renew() -> None:
    """Fold the marked stories afresh."""
    renewing.renew_stale()


@task.periodic("shipments.renew_rest", cron="* * * * *")
def renew_rest(now: datetime) -> None:
    """Renew what a lost job left."""
    del now
    renewing.renew_stale()


@task.periodic("shipments.watch", cron="* * * * * */30")
def watch(now: datetime) -> None:
    """Find the waybills that went silent."""
    renewing.watch_silence(now=now)


@task.periodic("shipments.daily", cron="11 18 * * *")
def daily(now: datetime) -> None:
    """Make partitions ahead, forget what is old, let go what has served its time; at 02:11 in Shanghai."""
    renewing.make_partitions()
    renewing.forget(now=now)
    retaining.retain(now=now)


def register() -> None:
    """Register the handlers of the outbox; called once at start."""

    @outbox.handler("stories.stale")
    def renew_soon(message: Message) -> None:
        del message
        renew.defer()

    announce.register("events.recorded", kind="unit")

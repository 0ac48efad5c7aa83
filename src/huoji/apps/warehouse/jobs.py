"""Background work of the warehouse: join goods with their shipments, follow these and exceptions, forget what is old."""

from datetime import UTC, datetime

from huoji.apps.shipments.actions import exceptions
from huoji.apps.warehouse.actions import anomalies, departing, removing
from huoji.apps.warehouse.actions.goods import join_known, waybills_of
from huoji.kit import announce, outbox, task
from huoji.kit.outbox import Message


@task.periodic("storage.join", cron="* * * * *")
def join(now: datetime) -> None:
    """Join goods with shipments that came to be known after they were handled."""
    joined = join_known()
    anomalies.open_missing(joined, now=now)
    departing.follow(waybills_of(joined), now=now)


@task.periodic("storage.daily", cron="41 18 * * *")
def daily(now: datetime) -> None:
    """Forget goods that left long ago; at 02:41 in Shanghai."""
    removing.forget(now=now)


def register() -> None:
    """Register the handlers of the outbox; called once at start."""

    def follow(message: Message) -> None:
        anomalies.follow(message.ids)

    @outbox.handler("stories.changed")
    def depart(message: Message) -> None:
        departing.follow(message.ids, now=datetime.now(UTC))

    for topic in (exceptions.ACKNOWLEDGED, exceptions.CLEARED):
        outbox.handler(topic)(follow)
    announce.register("storage.changed", kind="storage")

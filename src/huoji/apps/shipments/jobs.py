"""Background work of shipments: renew stale stories, watch for silence, make partitions ahead, forget what is old."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Protocol

from huoji.apps.shipments.actions import (
    batches,
    exceptions,
    expecting,
    following,
    forecasting,
    importing,
    noticing,
    renewing,
    retaining,
    running,
    watching,
)
from huoji.apps.shipments.queries.exceptions import aboard_now
from huoji.kit import announce, live, outbox, task
from huoji.kit.outbox import Message


class Follow(Protocol):
    """What becomes of a message of the fleet."""

    def __call__(self, data: Mapping[str, Any], *, now: datetime) -> None: ...


FOLLOWED: Mapping[str, Follow] = {
    "fleet.offroute": following.off_route,
    "fleet.onroute": following.on_route,
    "fleet.emergency": following.emergency,
}
EXCEPTIONS = "exceptions"  # the live topic of the worklist


@task.job("shipments.renew")
def renew() -> None:
    """Fold the marked stories afresh."""
    renewing.renew_stale()


@task.periodic("shipments.renew_rest", cron="* * * * *")
def renew_rest(now: datetime) -> None:
    """Renew what a lost job left."""
    del now
    renewing.renew_stale()


@task.periodic("shipments.join_left", cron="* * * * *")
def join_left(now: datetime) -> None:
    """Join parked events with shipments that came into being beside them."""
    renewing.join_left(now=now)


@task.periodic("shipments.watch", cron="* * * * * */30")
def watch(now: datetime) -> None:
    """Find the waybills that went silent, and those that were heard of again."""
    renewing.watch_silence(now=now)
    noticing.clear_heard(now=now)


@task.periodic("shipments.daily", cron="11 18 * * *")
def daily(now: datetime) -> None:
    """Make partitions ahead, forget what is old, let go what has served its time; at 02:11 in Shanghai."""
    renewing.make_partitions()
    renewing.forget(now=now)
    retaining.retain(now=now)
    running.forget(now=now)


@task.job("shipments.import")
def run_import(batch_id: int) -> None:
    """Bring an import in, from where it was left."""
    importing.run(batch_id)


@task.job("shipments.undo")
def undo_batch(batch_id: int) -> None:
    """Take a batch back, from where it was left."""
    batches.take_back(batch_id, now=datetime.now(UTC))


@task.periodic("shipments.left_imports", cron="*/5 * * * *")
def left_imports(now: datetime) -> None:
    """Tell of imports that nobody runs any more."""
    importing.give_up_silent(now=now)


def tell_of_exceptions(message: Message) -> None:
    """Tell the worklist, and the open pages of the units concerned and of what they hold."""
    units = message.data.get("unit_ids", [])
    topics = [live.topic("unit", unit_id) for unit_id in (*units, *aboard_now(units))]
    live.send([live.topic(EXCEPTIONS, "all"), *topics])


@task.periodic("shipments.runs", cron="* * * * * */30")
def keep_time(now: datetime) -> None:
    """Begin the runs whose time has come."""
    running.keep_time(now=now)


@task.periodic("shipments.forecast", cron="* * * * * */20")
def forecast(now: datetime) -> None:
    """Estimate the arrivals that are due."""
    forecasting.tick(now=now)


@task.periodic("shipments.expect", cron="* * * * * */10")
def expect(now: datetime) -> None:
    """Estimate cargo that no run carries, when there is news of it or its time has come; forget what has arrived."""
    expecting.tick(now=now)


def register_fleet() -> None:
    """Register what the fleet tells: where its runs are, whether they keep their way, and whether they are heard."""

    @outbox.handler("units.made")
    def recognise(message: Message) -> None:
        now = datetime.now(UTC)
        running.begin(running.recognise(message.ids, now=now), now=now)

    @outbox.handler("stories.changed")
    def scanned(message: Message) -> None:
        following.scanned(message.ids)

    @outbox.handler("stories.changed", merged=True)
    def look_again(message: Message) -> None:
        expecting.look_again(message.ids, now=datetime.now(UTC))

    @outbox.handler("fleet.arrived")
    def arrived(message: Message) -> None:
        following.visit(message.data, has_arrived=True, now=datetime.now(UTC))

    @outbox.handler("fleet.departed")
    def departed(message: Message) -> None:
        following.visit(message.data, has_arrived=False, now=datetime.now(UTC))

    for topic, follow in FOLLOWED.items():

        def handle(message: Message, follow: Follow = follow) -> None:
            follow(message.data, now=datetime.now(UTC))

        handle.__qualname__ = f"follow[{topic}]"
        outbox.handler(topic)(handle)

    @outbox.handler("fleet.readings")
    def measured(message: Message) -> None:
        watching.follow(message.ids, message.data["since"], now=datetime.now(UTC))

    @outbox.handler("fleet.silent")
    def silent(message: Message) -> None:
        following.silent(message.ids, now=datetime.now(UTC))

    @outbox.handler("fleet.heard")
    def heard(message: Message) -> None:
        following.heard(message.ids, now=datetime.now(UTC))

    @outbox.handler("run.ended")
    def ended(message: Message) -> None:
        now = datetime.now(UTC)
        following.run_ended(message.ids, now=now)
        expecting.run_over(message.ids, now=now)

    announce.register("run.changed", kind="unit")
    announce.register("outlook.changed", kind="unit")
    announce.register(watching.CHANGED, kind="unit")


def register() -> None:
    """Register the handlers of the outbox; called once at start."""

    @outbox.handler("stories.stale")
    def renew_soon(message: Message) -> None:
        del message
        renew.defer()

    @outbox.handler("import.start")
    def import_soon(message: Message) -> None:
        for batch_id in message.ids:
            run_import.defer(batch_id=batch_id)

    @outbox.handler("batch.undo")
    def undo_soon(message: Message) -> None:
        for batch_id in message.ids:
            undo_batch.defer(batch_id=batch_id)

    register_fleet()

    @outbox.handler("events.told")
    def read_events(message: Message) -> None:
        noticing.read_events(message.ids, now=datetime.now(UTC))

    @outbox.handler("shipments.stalled")
    def note_silence(message: Message) -> None:
        noticing.note_silence(message.ids, now=datetime.now(UTC))

    for topic in exceptions.TOPICS:
        outbox.handler(topic)(tell_of_exceptions)
    announce.register("batch.changed", kind="batch")
    announce.register("stories.changed", kind="unit")

"""Background work of the fleet: wake the gateway that holds a terminal, end commands, watch for silence, make days and drop them."""

from datetime import datetime

from django.db import connection

from huoji.apps.fleet.actions import commands, moving, partitions, silence
from huoji.kit import announce, live, outbox, task
from huoji.kit.outbox import Message

CHANNEL = "huoji_commands"  # gateways listen here; a slow poll finds what a lost notice leaves


@task.periodic("fleet.expire_commands", cron="* * * * * */15")
def expire(now: datetime) -> None:
    """End commands that nobody answered or came for."""
    commands.expire_commands(now=now)


@task.periodic("fleet.watch_silence", cron="* * * * * */30")
def watch(now: datetime) -> None:
    """Tell of terminals that went silent, and of those that speak again."""
    silence.watch(now=now)


@task.periodic("fleet.days", cron="23 17 * * *")
def days(now: datetime) -> None:
    """Make the partitions of the days to come, and drop those that have served their time; at 01:23 in Shanghai."""
    partitions.make_days()
    partitions.drop_days(now=now)


def register() -> None:
    """Register the handlers of the outbox; called once at start."""

    @outbox.handler(commands.TOPIC)
    def wake_gateways(message: Message) -> None:
        del message  # they look for themselves what waits for the terminals they hold
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify(%s, '')", [CHANNEL])

    def tell_the_map(message: Message) -> None:
        del message  # the map asks for what changed, so that a thousand vehicles are one notice
        live.send([live.topic(*moving.MAP)])

    for topic in (moving.TOPIC, "fleet.alarm", "fleet.offroute", "fleet.onroute"):
        outbox.handler(topic)(tell_the_map)

    announce.register(commands.TOPIC, kind="command")
    announce.register("fleet.alarm", kind="alarm")

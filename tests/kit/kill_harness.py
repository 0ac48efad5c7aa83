"""Kills publishers and relays at varied moments and tells what was acknowledged and what was handled, as one JSON line.

Started by test_kill.py as a process of its own: it forks, which a test process with threads must not do.
Usage: kill_harness.py DATABASE KILLS SEED [--careless]
"""

import json
import os
import random
import signal
import sys
import time
from threading import Event

import django
import psycopg
from django.conf import settings

from huoji.config import database
from huoji.kit import postgres

TOPIC = "test.killed"
LIFE_MIN_S, LIFE_MAX_S = 0.004, 0.060
DRAIN_MAX_S = 20.0


def publish_for_ever(start: int, *, acknowledge: int) -> None:
    """Act, publish, commit, then acknowledge: as an API request does."""
    from django.db import connection, transaction

    from huoji.kit import outbox

    for number in range(start, start + 1_000_000):
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("INSERT INTO kill_effect VALUES (%s)", [number])
            outbox.publish(TOPIC, [number])
        os.write(acknowledge, number.to_bytes(8))


def handle(message) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.executemany("INSERT INTO kill_handled VALUES (%s)", [(number,) for number in message.ids])


def careless_relay() -> None:
    """Do what a relay must not do: remove the row first and handle it afterwards. It proves that the test can fail."""
    from django.db import connection

    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                "DELETE FROM kit_outbox WHERE id = (SELECT id FROM kit_outbox ORDER BY id"
                " FOR UPDATE SKIP LOCKED LIMIT 1) RETURNING ids"
            )
            row = cursor.fetchone()
        if row:
            time.sleep(0.002)
            handle(type("Message", (), {"ids": row[0]}))


def forked(work) -> int:
    child = os.fork()
    if child == 0:
        try:
            work()
        finally:
            os._exit(1)
    return child


def read_acknowledged(pipe: int) -> list[int]:
    found = b""
    while chunk := os.read(pipe, 65_536):
        found += chunk
    return [int.from_bytes(found[at : at + 8]) for at in range(0, len(found) - len(found) % 8, 8)]


def main() -> None:
    name, kills, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    careless = "--careless" in sys.argv
    cluster = database.cluster(settings.HUOJI.data_dir)
    settings.DATABASES["default"]["NAME"] = name
    django.setup()
    from django.db import connection

    from huoji.kit import outbox, relay

    outbox.handler(TOPIC)(handle)
    chance = random.Random(seed)
    relay_work = careless_relay if careless else lambda: relay.run(Event())
    acknowledged: list[int] = []
    for round_number in range(kills // 2):
        connection.close()
        read_end, write_end = os.pipe()
        start = (round_number + 1) * 1_000_000
        publisher = forked(lambda start=start, pipe=write_end: publish_for_ever(start, acknowledge=pipe))
        relayer = forked(relay_work)
        os.close(write_end)
        time.sleep(0.02)
        for victim in chance.sample([publisher, relayer], 2):
            time.sleep(chance.uniform(LIFE_MIN_S, LIFE_MAX_S))
            os.kill(victim, signal.SIGKILL)
        for victim in (publisher, relayer):
            os.waitpid(victim, 0)
        acknowledged += read_acknowledged(read_end)
        os.close(read_end)
    deadline = time.monotonic() + DRAIN_MAX_S
    while outbox.backlog().waiting and time.monotonic() < deadline:
        relay.drain()
    owner = psycopg.connect(cluster.conninfo(database=name, role=postgres.OWNER_ROLE))
    handled = [row[0] for row in owner.execute("SELECT id FROM kill_handled")]
    effects = [row[0] for row in owner.execute("SELECT id FROM kill_effect")]
    sys.stdout.write(json.dumps({"acknowledged": acknowledged, "handled": handled, "effects": effects}) + "\n")


if __name__ == "__main__":
    main()

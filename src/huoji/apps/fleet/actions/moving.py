"""Tell open maps that something moved: one message a second and process at most, however many vehicles report."""

import time

from huoji.kit import outbox

TOPIC = "fleet.moved"
MAP = ("fleet", "map")  # what maps listen to
EVERY_S = 1.0


class _Said:
    """When this process said it last."""

    at_s = -EVERY_S


def say() -> None:
    """Publish in the transaction of what moved, unless it was just said: a map waits a second before it looks, and sees all."""
    now_s = time.monotonic()
    if now_s - _Said.at_s >= EVERY_S:
        _Said.at_s = now_s
        outbox.publish(TOPIC, [])

"""A fixed loop of plain Python: how fast this core is just now."""

import time

ROUNDS = 2_000_000


def loop_ms() -> float:
    """Return milliseconds for a fixed amount of work; compare runs only when this is alike."""
    started = time.perf_counter()
    total = 0
    for number in range(ROUNDS):
        total += number & 7
    assert total
    return (time.perf_counter() - started) * 1000

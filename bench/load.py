"""The load generator: keep-alive HTTP/1.1 on raw sockets, so that it takes little from the cores it shares with the server."""

import asyncio
import json
import random
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Load:
    """What came back: requests per second, latencies in milliseconds, and answers that were not 200."""

    per_s: float
    p50_ms: float
    p99_ms: float
    max_ms: float
    failed: int


async def _client(port: int, until: float, request: Callable[[], bytes], took: list[float], failed: list[int]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while time.perf_counter() < until:
        started = time.perf_counter()
        writer.write(request())
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n", 1)[0])
        await reader.readexactly(length)
        took.append((time.perf_counter() - started) * 1000)
        if not head.startswith(b"HTTP/1.1 200"):
            failed.append(1)
    writer.close()


async def _run(port: int, connections: int, seconds: float, request: Callable[[], bytes]) -> Load:
    took: list[float] = []
    failed: list[int] = []
    started = time.perf_counter()
    until = started + seconds
    await asyncio.gather(*(_client(port, until, request, took, failed) for _ in range(connections)))
    took.sort()
    elapsed = time.perf_counter() - started
    return Load(len(took) / elapsed, took[len(took) // 2], took[int(len(took) * 0.99)], took[-1], len(failed))


def tracks(port: int, numbers: list[str], *, path: str, connections: int = 16, seconds: float = 10) -> Load:
    """Ask for random numbers, each request from another client address through the trusted proxy header."""
    import uvloop

    rng = random.Random(7)

    def request() -> bytes:
        number = numbers[rng.randrange(len(numbers))]
        client = f"10.{rng.randrange(256)}.{rng.randrange(256)}.{rng.randrange(256)}"
        return (
            f"GET {path.format(number)} HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: {client}\r\nAccept-Language: zh\r\n\r\n"
        ).encode()

    return uvloop.run(_run(port, connections, seconds, request))


def main() -> None:
    """Run as a process of its own: `python -m bench.load PORT PATH SECONDS < numbers`; print one JSON object."""
    port, path, seconds = int(sys.argv[1]), sys.argv[2], float(sys.argv[3])
    numbers = sys.stdin.read().split()
    load = tracks(port, numbers, path=path, seconds=seconds)
    print(json.dumps({name: getattr(load, name) for name in Load.__slots__}))


if __name__ == "__main__":
    main()

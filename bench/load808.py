"""The load generator of JT/T 808: precomputed frames over many connections, a window of unanswered ones on each, in a process of its own."""

import asyncio
import json
import os
import pickle
import sys
import time
from pathlib import Path
from typing import Any

FLAG = b"\x7e"


class Terminal(asyncio.Protocol):
    """One connection: the sign-in first, then frames as fast as answers come."""

    def __init__(self, frames: list[bytes], window: int, took: list[float], done: asyncio.Event) -> None:
        self.frames, self.window, self.took, self.done = frames, window, took, done
        self.flags = self.sent = self.heard = 0
        self.at: list[float] = []
        self.open = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        transport.write(self.frames[0])

    def begin(self) -> None:
        self._fill(self.window)

    def _fill(self, count: int) -> None:
        batch = self.frames[1 + self.sent : 1 + self.sent + count]
        if batch:
            now = time.perf_counter()
            self.at += [now] * len(batch)
            self.sent += len(batch)
            self.transport.write(b"".join(batch))

    def data_received(self, data: bytes) -> None:
        whole, self.flags = divmod(self.flags + data.count(FLAG), 2)
        if not self.open.is_set():
            self.open.set()
            return
        now = time.perf_counter()
        self.took += [now - at for at in self.at[self.heard : self.heard + whole]]
        self.heard += whole
        self._fill(whole)
        if self.heard >= len(self.frames) - 1:
            self.done.set()

    def connection_lost(self, _exc: Exception | None) -> None:
        self.done.set()


def cpu_s(pids: list[int]) -> float:
    """Return the processor time of processes so far; one of the database's that has left meanwhile counts no more."""
    total = 0
    for pid in pids:
        if not Path(f"/proc/{pid}").exists():
            continue
        total += sum(map(int, Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13]))
    return total / os.sysconf("SC_CLK_TCK")


async def run(port: int, streams: list[list[bytes]], window: int, watched: list[list[int]]) -> dict[str, Any]:
    loop = asyncio.get_running_loop()
    took: list[float] = []
    terminals = [Terminal(frames, window, took, asyncio.Event()) for frames in streams]
    for each in terminals:
        await loop.create_connection(lambda each=each: each, "127.0.0.1", port)
    await asyncio.gather(*(each.open.wait() for each in terminals))
    before = [cpu_s(pids) for pids in watched]  # signing in is over
    cpu, started = time.process_time(), time.perf_counter()
    for each in terminals:
        each.begin()
    await asyncio.gather(*(each.done.wait() for each in terminals))
    elapsed = time.perf_counter() - started
    after = [cpu_s(pids) for pids in watched]
    took.sort()
    return {
        "messages": len(took), "seconds": elapsed, "per_s": len(took) / elapsed, "p50_ms": took[len(took) // 2] * 1000,
        "p99_ms": took[int(len(took) * 0.99)] * 1000, "max_ms": took[-1] * 1000, "cpu_s": time.process_time() - cpu,
        "watched_cpu_s": [end - begin for begin, end in zip(before, after, strict=True)], "lost": sum(len(each.frames) - 1 - each.heard for each in terminals),
    }  # fmt: skip


def main() -> None:
    """Run as `python -m bench.load808 PORT WINDOW FILE [PID,PID…]…`; print one JSON object, with what each group of processes took."""
    import uvloop

    port, window, path = int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
    streams = pickle.loads(path.read_bytes())
    watched = [[int(pid) for pid in group.split(",")] for group in sys.argv[4:]]
    print(json.dumps(uvloop.run(run(port, streams, window, watched))))


if __name__ == "__main__":
    main()

"""The points of a gateway: collected, kept in batches, and acknowledged then."""

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from huoji.apps.fleet.actions.storing import PointIn
from huoji.gateways.jt808 import limits
from huoji.gateways.jt808.session import Session
from huoji.gateways.keeping import Keep
from huoji.gateways.kinds.terminals import POINTS
from huoji.kit import heartbeat
from huoji.wire.jt808 import Result


class Receipt(NamedTuple):
    """Whoever must be told when the points of a message are stored, and what else follows then."""

    session: Session
    serial: int
    message_id: int
    first: int  # of the batch's points
    size: int
    then: Callable[[Result], None] | None


class Writer:
    """Points in the order of their arrival, receipts beside them."""

    def __init__(self, *, on_room: Callable[[], None], keep: Keep) -> None:
        self._points: list[PointIn] = []
        self._receipts: list[Receipt] = []
        self._on_room = on_room
        self._keep = keep
        self._woken = asyncio.Event()
        self._oldest = 0.0
        self._stopping = False
        self.in_flight = 0

    @property
    def waiting(self) -> int:
        return len(self._points) + self.in_flight

    @property
    def is_full(self) -> bool:
        return len(self._points) >= limits.QUEUE_POINTS

    def put(
        self, points: Sequence[PointIn], session: Session, serial: int, message_id: int,
        then: Callable[[Result], None] | None = None,
    ) -> None:  # fmt: skip
        """Take the points of one message."""
        if not self._points and not self._receipts:
            self._oldest = time.monotonic()
            self._woken.set()
        self._receipts.append(Receipt(session, serial, message_id, len(self._points), len(points), then))
        self._points.extend(points)
        if len(self._points) >= limits.BATCH_POINTS:
            self._woken.set()

    async def run(self) -> None:
        """Commit batch after batch until told to stop and empty."""
        while not (self._stopping and not self._receipts):
            self._woken.clear()
            if not self._receipts:
                await self._woken.wait()
                continue
            wait_s = self._oldest + limits.BATCH_WAIT_S - time.monotonic()
            if wait_s > 0 and len(self._points) < limits.BATCH_POINTS and not self._stopping:
                await self._pause(wait_s)
                continue
            await self._write()

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        except TimeoutError:
            pass

    def stop(self) -> None:
        self._stopping = True
        self._woken.set()

    async def _write(self) -> None:
        points, receipts = self._points, self._receipts
        self._points, self._receipts = [], []
        self.in_flight = len(points)
        refused = await self._keep(POINTS, points)
        self.in_flight = 0
        heartbeat.count("huoji_jt808_batches_total")
        heartbeat.count("huoji_jt808_points_total", len(points))
        _acknowledge(receipts, refused)
        self._oldest = time.monotonic() - limits.BATCH_WAIT_S  # what came meanwhile has waited
        if len(self._points) <= limits.QUEUE_LOW_POINTS:
            self._on_room()


def _acknowledge(receipts: Iterable[Receipt], refused: Sequence[int]) -> None:
    """Answer every message, and write once to each connection; one with a point that no table takes has failed."""
    connections = set()
    for receipt in receipts:
        failed = bool(refused) and any(receipt.first <= place < receipt.first + receipt.size for place in refused)
        result = Result.FAILED if failed else Result.OK
        session = receipt.session
        session.answer_later(receipt.serial, receipt.message_id, result)
        connections.add(session.connection)
        if failed:
            heartbeat.count('huoji_jt808_refused_total{code="unstorable"}')
        if receipt.then is not None:
            receipt.then(result)
    for each in connections:
        each.send_answers()

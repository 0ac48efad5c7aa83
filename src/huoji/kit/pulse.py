"""The thread that beats for a process that is busy with other things (the live process beats by itself)."""

from collections.abc import Callable
from threading import Event, Lock, Thread

from django.db import Error, connection

from huoji.kit import heartbeat, ingest, log

STOP_WAIT_S = 3.0  # for a database that is away; shorter than what a web process is given to stop
_flushes: dict[str, Callable[[], None]] = {}


def with_each_beat(flush: Callable[[], None]) -> None:
    """Let something that counts in memory write with each heartbeat; call it in `AppConfig.ready()`."""
    _flushes[f"{flush.__module__}.{flush.__qualname__}"] = flush


def beat_once() -> None:
    """Write the heartbeat and what was counted about ingest since the last one."""
    with connection.cursor() as cursor:
        cursor.execute(heartbeat.BEAT_SQL, heartbeat.BEAT.parameters())
    ingest.flush()
    for flush in _flushes.values():
        flush()


class Pulse:
    """Beats from its start until it is stopped."""

    def __init__(self) -> None:
        self._stop = Event()
        self._thread: Thread | None = None
        self._lock = Lock()

    def start(self, kind: str) -> None:
        """Begin to beat; a second call changes nothing."""
        with self._lock:
            if self._thread is not None:
                return
            heartbeat.BEAT.start(kind)
            self._thread = Thread(target=self._run, name="pulse", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while not self._stop.is_set():
            self._try_to_beat()
            self._stop.wait(heartbeat.BEAT_S)
        self._try_to_beat()
        try:
            with connection.cursor() as cursor:
                cursor.execute(heartbeat.STOP_SQL, [heartbeat.BEAT.instance])
        except Error:
            log.KIT.warning("could not say goodbye")
        connection.close()

    def _try_to_beat(self) -> None:
        try:
            beat_once()
        except Error:
            log.KIT.warning("heartbeat waits for the database")
        connection.close()  # between two beats the connection belongs to the pool

    def stop(self) -> None:
        """Say goodbye, so that nobody takes us for dead."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=STOP_WAIT_S)


PULSE = Pulse()

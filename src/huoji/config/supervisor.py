"""Keep a few processes running: restart what dies, with back-off, and stop all of them together."""

import contextlib
import os
import select
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self

from huoji.config.uplog import UpLog
from huoji.kit import child

BACKOFF_FIRST_S = 0.2
BACKOFF_MAX_S = 30.0
STEADY_S = 30.0  # one that lived this long failed by accident, not by nature
STOP_TIMEOUT_S = 25.0  # longer than the worker gives its running jobs
TICK_S = 1.0


@dataclass(slots=True, kw_only=True)
class Service:
    """One process to keep: `start` returns none while somebody else already runs it."""

    name: str
    start: Callable[[], subprocess.Popen[bytes] | None]
    stop_signal: signal.Signals
    stops_last: bool = False
    is_served: Callable[[], bool] = field(default=lambda: False)
    pid: int = 0
    started_at: float = 0.0
    due_at: float = 0.0
    failures: int = 0


class Supervisor:
    """Runs services until it is told to stop. One instance a process: it takes the signals."""

    def __init__(self, *, say: Callable[[str], None], log: UpLog | None = None) -> None:
        self.services: list[Service] = []
        self.say = say
        self.log = log
        self.stop_requested = False
        self._tasks: dict[int, int | None] = {}
        self._wake, self._woken = socket.socketpair()

    def __enter__(self) -> Self:
        for end in (self._wake, self._woken):
            end.setblocking(False)
        child.adopt_orphans()
        signal.set_wakeup_fd(self._woken.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_stop)
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()

    def _on_stop(self, _number: int, _frame: object) -> None:
        if self.stop_requested:  # asked twice: no more patience
            for service in self.services:
                _signal_group(service.pid, signal.SIGKILL)
        self.stop_requested = True

    def run(self) -> None:
        """Keep everything up until a signal asks to stop."""
        while not self.stop_requested:
            self.step()

    def step(self, *, longest_s: float = TICK_S) -> None:
        """Reap, start what is due, then wait for the next reason to look."""
        self._reap()
        if self.log:
            self.log.look()
        now = time.monotonic()
        for service in self.services:
            if not service.pid and now >= service.due_at and not self.stop_requested:
                self._start(service)
        due = min((each.due_at for each in self.services if not each.pid), default=now + longest_s)
        self._sleep(min(longest_s, max(0.0, due - time.monotonic())))

    def run_to_end(self, task: subprocess.Popen[bytes]) -> int:
        """Let a task run beside the services; return its exit code, negative when a signal ended it."""
        self._tasks[task.pid] = None
        told_to_stop = False
        while (status := self._tasks[task.pid]) is None:
            if self.stop_requested and not told_to_stop:
                _signal_group(task.pid, signal.SIGTERM)
                told_to_stop = True
            self.step(longest_s=0.05)
            if self.stop_requested:
                time.sleep(0.02)
        task.returncode = os.waitstatus_to_exitcode(status)
        return task.returncode

    def _sleep(self, seconds: float) -> None:
        if self.stop_requested:
            return
        ready, _, _ = select.select([self._wake], [], [], seconds)
        if ready:
            with contextlib.suppress(BlockingIOError):
                self._wake.recv(4096)

    def _start(self, service: Service) -> None:
        if service.is_served():
            service.due_at = time.monotonic() + TICK_S
            return
        try:
            process = service.start()
        except (OSError, RuntimeError) as failed:
            self._failed(service, why=str(failed))
            return
        service.due_at = service.started_at = time.monotonic()
        if process is None:
            service.due_at += TICK_S
        else:
            service.pid = process.pid
            process.returncode = 0  # reaped by us, not by its Popen

    def _failed(self, service: Service, *, why: str) -> None:
        now = time.monotonic()
        service.failures = 0 if now - service.started_at > STEADY_S else service.failures + 1
        pause_s = min(BACKOFF_MAX_S, BACKOFF_FIRST_S * 2**service.failures)
        service.pid, service.due_at = 0, now + pause_s
        self.say(f"{service.name} {why}; starting it again in {pause_s:.1f} s")

    def _reap(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            if pid in self._tasks:
                self._tasks[pid] = status
            for service in self.services:
                if service.pid == pid:
                    _signal_group(pid, signal.SIGKILL)  # its own children would keep the port
                    if self.stop_requested:
                        service.pid = 0
                    else:
                        self._failed(service, why=_how_it_ended(status))

    def stop(self) -> None:
        """Stop everything, the database after all others; harmless when nothing runs."""
        self.stop_requested = True
        for last in (False, True):
            going = [service for service in self.services if service.stops_last is last]
            for service in going:
                if service.pid:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(service.pid, service.stop_signal)
            self._await_end(going)
        if self.log:
            self.log.look()

    def _await_end(self, going: list[Service]) -> None:
        deadline = time.monotonic() + STOP_TIMEOUT_S
        while any(service.pid for service in going):
            self._reap()
            if time.monotonic() > deadline:
                for service in going:
                    if service.pid:
                        self.say(f"{service.name} did not stop in {STOP_TIMEOUT_S:.0f} s; ending it")
                        _signal_group(service.pid, signal.SIGKILL)
                deadline = time.monotonic() + STOP_TIMEOUT_S
            time.sleep(0.02)


def _signal_group(pid: int, number: signal.Signals) -> None:
    if pid:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, number)


def _how_it_ended(status: int) -> str:
    code = os.waitstatus_to_exitcode(status)
    return f"ended with code {code}" if code >= 0 else f"was ended by {signal.Signals(-code).name}"

"""A web worker that stopped as it should is not said to have been killed."""

import os
import time

import pytest
from granian.server.mp import WorkerProcess

from huoji.config import granian, serve
from huoji.kit import pulse


@pytest.fixture
def started():
    workers = []

    def start(target, *args):
        worker = WorkerProcess(parent=None, idx=0, target=target, args=args)
        worker.inner.start()
        workers.append(worker)
        return worker

    yield start
    for worker in workers:
        worker.inner.kill()


def test_a_worker_whose_end_another_thread_was_told_has_ended(started):
    worker = started(int)
    os.waitpid(worker.inner.pid, 0)  # as the thread does that watches over it
    assert worker.inner.is_alive()  # what the warning was made of
    assert not granian.is_alive(worker)


def test_a_heart_waits_for_a_database_that_is_away_no_longer_than_a_worker_may_take_to_stop():
    assert pulse.STOP_WAIT_S + 1 < serve.KILL_TIMEOUT_S


def test_a_worker_that_works_is_alive(started):
    assert granian.is_alive(started(time.sleep, 60))

"""Granian as we start it, with one thing put right: a worker that has ended is not taken for one that refuses to.

Two threads of its master wait for the same process. Only one of them is told by the system how it ended; to the other one
multiprocessing says that it lives. At a stop that one then warns, at once, of a worker that had to be killed (seen in one stop
of fifteen on a busy machine, 0.2 s after the signal), though it had stopped as it should. The pipe that each worker holds open
until its end tells the truth to both.
"""

from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess

from granian.cli import entrypoint
from granian.server.mp import WorkerProcess


def is_alive(worker: WorkerProcess) -> bool:
    """Tell whether a worker lives, whichever thread learnt of its end."""
    inner: BaseProcess = worker.inner
    return not wait([inner.sentinel], timeout=0)


if __name__ == "__main__":
    WorkerProcess.is_alive = is_alive  # type: ignore[assignment]  # it is said to take any worker
    entrypoint()  # type: ignore[no-untyped-call]

"""Start a program that ends with the process that started it, even when that one is killed."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import IO

# Run in the child as its last step before the program: entering a user namespace clears the death signal,
# so nothing earlier would do. A parent that died before the call is noticed by its changed pid.
_LAST_STEP = """
import ctypes, os, sys
parent, number = int(sys.argv[1]), int(sys.argv[2])
ctypes.CDLL(None).prctl(1, number)
if os.getppid() != parent:
    sys.exit(1)
os.execv(sys.argv[3], sys.argv[3:])
"""


def start(
    program: Sequence[str],
    *,
    death_signal: signal.Signals,
    before: Sequence[str] = (),
    environ: Mapping[str, str] | None = None,
    output: IO[bytes] | None = None,
    cwd: str | None = None,
) -> subprocess.Popen[bytes]:
    """Start `program` (an absolute path and its arguments) in a process group of its own; `before` is run in front of it."""
    step = [sys.executable, "-S", "-E", "-c", _LAST_STEP, str(os.getpid()), str(int(death_signal)), *program]
    return subprocess.Popen(
        [*before, *step], stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd=cwd, env=environ, process_group=0
    )


def adopt_orphans() -> None:
    """Become the parent of grandchildren whose own parent dies, so that they can be ended and leave no zombie."""
    import ctypes  # noqa: PLC0415  needed by the supervisor alone

    ctypes.CDLL(None).prctl(36, 1)  # PR_SET_CHILD_SUBREAPER

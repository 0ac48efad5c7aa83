"""`huoji up` at rest: seconds to the first answer, and the memory of all its processes."""

import os
import signal
import subprocess
import time
import urllib.request
from pathlib import Path
from typing import Any

from bench import rig

REST_S = 10


def _family(pid: int) -> set[int]:
    found = {pid}
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in children.read_text().split():
            found |= _family(int(child))
    return found


def _pss_mb(pid: int) -> float:
    """Return proportional memory, so that what processes share is counted once."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return next(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:")) / 1024


def run() -> dict[str, Any]:
    started = time.perf_counter()
    process = subprocess.Popen([rig.python(), "-m", "huoji", "up"], env=os.environ, stdout=subprocess.DEVNULL)
    try:
        while True:
            try:
                urllib.request.urlopen(f"http://localhost:{rig.PORT}/", timeout=1).read()
                break
            except OSError:
                time.sleep(0.02)
        first_answer_s = time.perf_counter() - started
        time.sleep(REST_S)
        postmaster = Path(os.environ["HUOJI_DATA_DIR"], "pg", "postmaster.pid").read_text().split()[0]
        ours, database = _family(process.pid), _family(int(postmaster))
        return {
            "first_answer_s": first_answer_s,
            "python_mb": sum(map(_pss_mb, ours - database)),
            "postgresql_mb": sum(map(_pss_mb, database)),
            "processes": len(ours | database),
        }
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)

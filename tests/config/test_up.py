"""`huoji up` keeps a whole installation running, whatever is killed."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from huoji.kit import postgres

SOURCE = Path(__file__).resolve().parents[2] / "src"
PATIENCE_S = 60


class Installation:
    """One `huoji up` on a data folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)
        with socket.socket() as web, socket.socket() as live:
            web.bind(("127.0.0.1", 0))
            live.bind(("127.0.0.1", 0))
            self.port, live_port = web.getsockname()[1], live.getsockname()[1]
        (folder / "postgresql.local.conf").write_text("fsync = off\nshared_buffers = '16MB'\n")
        own = {
            "HUOJI_DATA_DIR": folder,
            "HUOJI_WEB_PORT": self.port,
            "HUOJI_LIVE_PORT": live_port,
            "HUOJI_WEB_WORKERS": 1,
            "HUOJI_GATEWAYS": "none",
            "PYTHONPATH": SOURCE,
        }
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("HUOJI_", "DJANGO_"))}
        self.environ = {**inherited, **{name: str(value) for name, value in own.items()}}

    def run(self, *command: str, **environ: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "huoji", *command],
            env={**self.environ, **environ}, capture_output=True, text=True, timeout=PATIENCE_S, check=False,
        )  # fmt: skip

    def up(self, *, screen: int | None = None) -> subprocess.Popen[str]:
        path = self.folder / "up.log"
        log = path.open("a+")
        before = path.read_text().count("Workspace")
        process = subprocess.Popen(
            [sys.executable, "-m", "huoji", "up"], env=self.environ, stdout=log, stderr=screen or log, text=True
        )
        until(lambda: path.read_text().count("Workspace") > before)
        assert self.answers()
        return process

    def answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=5) as link:
                link.sendall(b"GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n")
                return link.recv(5) == b"HTTP/"
        except OSError:
            return False

    def status(self, path: str) -> int:
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_S) as link:
            link.sendall(f"GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n".encode())
            return int(link.recv(12).split()[1])

    def processes(self) -> dict[int, str]:
        """Every process of this installation, known by the data folder in its environment or arguments."""
        found = {}
        for entry in Path("/proc").iterdir():
            try:
                mine = f"HUOJI_DATA_DIR={self.folder}\0".encode() in (entry / "environ").read_bytes()
                words = (entry / "cmdline").read_bytes().decode().split("\0")
            except OSError:
                continue
            if mine and words != [""]:
                found[int(entry.name)] = " ".join(words)
        return found


def until(condition, *, patience_s: float = PATIENCE_S):
    """Wait for a condition as long as a loaded machine may need, and return what it gave."""
    deadline = time.monotonic() + patience_s
    while not (value := condition()):
        assert time.monotonic() < deadline, f"not within {patience_s} s"
        time.sleep(0.05)
    return value


@pytest.fixture(scope="module")
def installation(tmp_path_factory):
    made = Installation(tmp_path_factory.mktemp("up"))
    with socket.socket() as terminals:
        terminals.bind(("127.0.0.1", 0))
        made.environ |= {"HUOJI_GATEWAYS": "jt808", "HUOJI_JT808_PORT": str(terminals.getsockname()[1])}
    return made


@pytest.fixture(scope="module")
def running(installation):
    """One `huoji up` for all tests that leave it running; the one that kills it starts another."""
    process = installation.up()
    yield process
    if process.poll() is None:
        stop(installation, process, signal.SIGTERM)


def stop(installation, process, how):
    process.send_signal(how)
    assert process.wait(PATIENCE_S) == 0
    until(lambda: not installation.processes())


def test_a_second_up_on_the_same_folder_says_so_and_a_busy_port_names_its_setting(installation, running, tmp_path):
    second = installation.run("up")
    assert second.returncode == 1
    assert "already runs" in second.stderr
    assert str(running.pid) in second.stderr

    elsewhere = installation.run("up", HUOJI_DATA_DIR=str(tmp_path))
    assert elsewhere.returncode == 1
    assert "HUOJI_WEB_PORT" in elsewhere.stderr


@pytest.mark.timeout(400)
def test_whatever_child_is_killed_comes_back(installation, running):
    def children() -> dict[str, int]:
        """Name each process by its words without numbers, so that its successor has the same name."""
        return {re.sub(r"\d+", "", words): pid for pid, words in installation.processes().items() if pid != running.pid}

    before = until(lambda: (now := children()) and any("granian" in name for name in now) and now)
    services = {
        name: pid
        for name, pid in before.items()
        if re.search(r"bin/postgres -D|huoji.config.granian|huoji worker", name)
    }
    assert len(services) >= 2
    for name, pid in services.items():
        os.kill(pid, signal.SIGKILL)
        until(lambda name=name, pid=pid: children().get(name, pid) != pid, patience_s=3 * PATIENCE_S)
    until(installation.answers)


def accepts(cluster: postgres.Cluster) -> bool:
    """Tell whether the database takes connections, which after a kill it does only when it has recovered."""
    try:
        psycopg.connect(cluster.conninfo(database="huoji", role=postgres.OWNER_ROLE)).close()
    except psycopg.OperationalError:
        return False
    return True


def test_pages_outlive_the_database_they_had_connections_to(installation, running):
    assert installation.status("/track/HJ0") == 404
    cluster = postgres.Cluster(folder=installation.folder)
    for _ in range(2):
        killed = postgres.postmaster_pid(cluster)
        os.kill(killed, signal.SIGKILL)
        until(lambda killed=killed: postgres.postmaster_pid(cluster) not in {killed, None})
        until(lambda: accepts(cluster))  # while it recovers, pages say that it is unavailable
        assert [installation.status("/track/HJ0") for _ in range(5)] == [404] * 5


def test_when_up_itself_is_killed_its_children_go_with_it_and_the_next_up_finds_no_obstacle(installation, running):
    assert len(installation.processes()) > 2
    running.kill()
    running.wait()
    again = installation.up()  # at once, while the children of the killed one still end
    assert again.poll() is None
    stop(installation, again, signal.SIGTERM)
    assert '"logger"' in (installation.folder / "up.log").read_text(), "who reads no screen gets every line"
    assert not (installation.folder / "log").exists()


def test_before_a_person_the_lines_of_processes_go_to_a_file_and_the_addresses_stay_in_sight(installation):
    before = len((installation.folder / "up.log").read_text())
    keyboard, screen = os.openpty()
    process = installation.up(screen=screen)
    kept, shown = installation.folder / "log" / "up.log", installation.folder / "up.log"
    try:
        assert installation.status("/track/HJ0") == 404
        until(lambda: '"route":"track/<str:number>"' in kept.read_text())
        line = '{"at":"2026-11-26T01:02:03.000+00:00","level":"warning","logger":"huoji.kit","message":"slow query"}'
        with kept.open("a") as log:
            log.write(f"{line}\n")
        until(lambda: "01:02:03 warning huoji.kit: slow query" in shown.read_text())
    finally:
        stop(installation, process, signal.SIGINT)
        os.close(screen)
        os.close(keyboard)
    told = shown.read_text()[before:]
    assert '"logger"' not in told
    assert str(kept) in told


def test_an_installation_with_demonstration_staff_is_not_served_to_a_network(installation):
    with postgres.running(postgres.Cluster(folder=installation.folder)):
        assert installation.run("createadmin", "--number", "demo1").returncode == 0
        assert installation.run("web", "--check", HUOJI_BIND="0.0.0.0").returncode == 0
        owner = postgres.Cluster(folder=installation.folder).conninfo(database="huoji", role=postgres.OWNER_ROLE)
        with psycopg.connect(owner) as link:
            link.execute("UPDATE accounts_staff SET dataset = 'demo'")
        assert installation.run("web", "--check").returncode == 0
        for opened in ({"HUOJI_BIND": "0.0.0.0"}, {"HUOJI_PUBLIC_URL": "https://track.example.com"}):
            refused = installation.run("web", "--check", **opened)
            assert (refused.returncode, "demonstration staff" in refused.stderr) == (1, True)


def test_a_command_without_its_database_says_so_without_a_traceback(installation):
    lost = installation.run("createadmin", HUOJI_DATABASE_URL="postgresql://huoji_app@127.0.0.1:1/huoji")
    assert lost.returncode == 1
    assert "huoji doctor" in lost.stderr
    assert "Traceback" not in lost.stderr


def test_the_demonstration_is_not_loaded_where_a_network_could_reach_it(installation):
    refused = installation.run("up", "--demo", HUOJI_BIND="0.0.0.0")
    assert (refused.returncode, "this machine only" in refused.stderr) == (1, True)


def test_wrong_settings_are_told_all_at_once_before_anything_starts(installation):
    told = installation.run("up", HUOJI_WEB_PORT="x", HUOJI_DEBUG="maybe")
    assert told.returncode == 2
    assert told.stderr.count("HUOJI_") == 2

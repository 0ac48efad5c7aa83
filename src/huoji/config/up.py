"""`huoji up`: one command that runs a whole installation."""

import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from huoji.config import database, gateways, serve
from huoji.config.env import Env
from huoji.config.supervisor import Service, Supervisor
from huoji.config.uplog import UpLog
from huoji.kit import child, postgres

PORT_WAIT_S = 8.0  # servers orphaned by a kill give up their ports within this time
ANSWER_WAIT_S = 60.0


class CannotStartError(RuntimeError):
    """The installation cannot start as things are; the text says what to do."""


def up(env: Env, *, with_demo: bool) -> int:
    """Run database, web, live, worker and gateways until Ctrl-C or SIGTERM."""
    try:
        # The supervisor comes first: from here on Ctrl-C and SIGTERM are a clean stop, whatever is under way.
        with Supervisor(say=_say, log=_log(env)) as supervisor, _only_one(env.data_dir):
            _await_ports(env, supervisor)
            _serve(env, supervisor, with_demo=with_demo)
    except (CannotStartError, postgres.PostgresError) as wrong:
        print(wrong, file=sys.stderr)
        return 1
    return 0


def _log(env: Env) -> UpLog | None:
    """Return where children write when a person sits before us: on a screen they would push the addresses away.

    Under a container or a supervisor of the operator's their lines go where ours go.
    """
    if not sys.stderr.isatty():
        return None
    env.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    return UpLog(env.data_dir / "log", say=_say)


@contextmanager
def _only_one(data_dir: Path) -> Iterator[None]:
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (data_dir / "up.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise CannotStartError(
                f"Huoji already runs on {data_dir} (process {lock.read().strip() or 'unknown'}).\n"
                "Stop that one first, or choose another folder with HUOJI_DATA_DIR."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def _await_ports(env: Env, supervisor: Supervisor) -> None:
    deadline = time.monotonic() + PORT_WAIT_S
    own = [("HUOJI_WEB_PORT", env.bind, env.web_port), ("HUOJI_LIVE_PORT", env.bind, env.live_port)]
    for setting, host, port in own + gateways.ports(env):
        while (wrong := serve.cannot_bind(host, port)) and time.monotonic() < deadline and _ours_may_hold_it(env):
            supervisor.step(longest_s=0.1)
        if wrong and not supervisor.stop_requested:
            raise CannotStartError(
                f"Port {port} on {host} cannot be used: {wrong}.\nChoose another one: {setting}={port + 10} huoji up"
            )


def _ours_may_hold_it(env: Env) -> bool:
    """Tell whether the last `up` was killed: its children are then on their way out."""
    return (env.data_dir / "up.running").exists()


def _services(env: Env, environ: dict[str, str], log: UpLog | None) -> list[Service]:
    output = log.output if log else None

    def start(program: Sequence[str], *, death_signal: signal.Signals = signal.SIGTERM) -> subprocess.Popen[bytes]:
        return child.start(program, death_signal=death_signal, environ=environ, output=output)

    def start_worker() -> subprocess.Popen[bytes]:
        # Orphaned, it would try for half a minute to say goodbye to a database that ends at the same moment.
        return start(serve.worker(env), death_signal=signal.SIGKILL)

    return [
        Service(name="web", start=lambda: start(serve.web(env)), stop_signal=signal.SIGTERM),
        Service(name="live", start=lambda: start(serve.live(env)), stop_signal=signal.SIGTERM),
        Service(name="worker", start=start_worker, stop_signal=signal.SIGTERM),
        *(
            Service(name=f"gateway {name}", start=partial(start, serve.gateway(name)), stop_signal=signal.SIGTERM)
            for name in gateways.processes(env)
        ),
        *(
            Service(name="writer", start=partial(start, serve.writer()), stop_signal=signal.SIGTERM)
            for _ in range(env.nats_writers if env.nats_url else 0)
        ),
    ]


def _drive_service(environ: dict[str, str], log: UpLog | None) -> Service:
    output = log.output if log else None
    return Service(
        name="demo",
        start=lambda: child.start(serve.demo_drive(), death_signal=signal.SIGKILL, environ=environ, output=output),
        stop_signal=signal.SIGKILL,
    )


def _database_service(env: Env) -> Service:
    cluster = database.cluster(env.data_dir)
    return Service(
        name="postgres",
        start=lambda: postgres.spawn(cluster),
        stop_signal=signal.SIGINT,
        stops_last=True,
        is_served=lambda: postgres.postmaster_pid(cluster) is not None,
    )


def _serve(env: Env, supervisor: Supervisor, *, with_demo: bool) -> None:
    if with_demo and env.is_open:
        raise CannotStartError("The demonstration is for this machine only: unset HUOJI_BIND and HUOJI_PUBLIC_URL.")
    environ = {**os.environ, "HUOJI_DATA_DIR": str(env.data_dir)}
    marker = env.data_dir / "up.running"
    marker.touch()
    try:
        if not env.database_url:
            supervisor.services.append(_database_service(env))
            supervisor.step(longest_s=0)
        _run(supervisor, "migrate", environ=environ)
        if env.is_open:
            _run(supervisor, "web", "--check", environ=environ)
        web, live, *others = _services(env, environ, supervisor.log)
        supervisor.services += [web, live]
        _await_answer(env, supervisor)
        if with_demo:  # the others would only compete with it for the processor
            _say(f"Pages answer at {_address(env)}/ while the demonstration is loaded.")
            _run(supervisor, "demo", environ=environ)
            others.append(_drive_service(environ, supervisor.log))
        supervisor.services += others
        if not supervisor.stop_requested:
            _say(_banner(env, supervisor.log))
        supervisor.run()
    finally:  # a killed `up` does not come here, and that is how the next one knows
        supervisor.stop()
        marker.unlink(missing_ok=True)


def _run(supervisor: Supervisor, *command: str, environ: dict[str, str]) -> None:
    """Run a command to its end beside the services, in a process of its own that gives its memory back."""
    if supervisor.stop_requested:
        return
    task = child.start([sys.executable, "-m", "huoji", *command], death_signal=signal.SIGTERM, environ=environ)
    if supervisor.run_to_end(task) != 0 and not supervisor.stop_requested:
        told = " ".join(command)
        raise CannotStartError(f"`huoji {told}` failed; put right what it says above, or ask `huoji doctor`.")


def _await_answer(env: Env, supervisor: Supervisor) -> None:
    deadline = time.monotonic() + ANSWER_WAIT_S
    while not supervisor.stop_requested and not _answers(env):
        supervisor.step(longest_s=0.05)
        if time.monotonic() > deadline:
            _say(f"The pages do not answer yet on port {env.web_port}; see the messages above, or ask `huoji doctor`.")
            return


def _address(env: Env) -> str:
    host = "localhost" if env.bind in {"127.0.0.1", "0.0.0.0", "::", "::1"} else env.bind  # noqa: S104  compared, not bound
    return env.public_url or f"http://{host}:{env.web_port}"


def _banner(env: Env, log: UpLog | None) -> str:
    accounts = env.data_dir / "demo-accounts.txt"
    how = f"demo staff and passwords: {accounts}" if accounts.exists() else "make an administrator: huoji createadmin"
    lines = {"货迹 Huoji": f"{_address(env)}/", "Workspace": f"{_address(env)}/app/", "Sign in": how}
    lines |= {"Log": f"{log.path} (warnings also here)"} if log else {}
    lines |= {"Stop": "Ctrl-C"}
    return "\n" + "".join(f"  {name:<{12 - _wide(name)}} {value}\n" for name, value in lines.items())


def _wide(text: str) -> int:
    """Count the letters that fill two columns of a terminal."""
    return sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)


def _answers(env: Env) -> bool:
    """Tell whether the pages answer; a bare socket, for the HTTP and TLS libraries would stay in memory for good."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(env.bind, env.bind)  # noqa: S104  compared, not bound
    try:
        with socket.create_connection((host, env.web_port), timeout=2) as link:
            link.sendall(b"GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n")
            return link.recv(5) == b"HTTP/"
    except OSError:
        return False


def _say(text: str) -> None:
    print(text, flush=True)

"""The command lines of the long-running processes, the same whether `huoji up` starts them or an operator's own supervisor."""

import importlib.util
import socket
import sys

from huoji.config.env import Env

# Streams stay open for hours, and a server that waits for them never stops.
KILL_TIMEOUT_S = 5
# Granian's own limit stops at about a thousand open streams.
STREAMS_MAX = 8192


def web(env: Env) -> list[str]:
    """Serve pages and API: few threads, more workers (the interpreter lock allows one at a time)."""
    return [
        *_granian(env, port=env.web_port), "--interface", "wsgi", "--workers", str(env.web_workers),
        "--blocking-threads", str(env.web_threads), "--no-ws", "huoji.config.wsgi:application",
    ]  # fmt: skip


def live(env: Env) -> list[str]:
    """Serve the stream of changes (Server-Sent Events)."""
    return [
        *_granian(env, port=env.live_port), "--interface", "asgi", "--workers", "1", "--loop", "uvloop",
        "--backlog", str(STREAMS_MAX), "--backpressure", str(STREAMS_MAX), "--no-ws", "huoji.web.live:application",
    ]  # fmt: skip


def worker(_env: Env) -> list[str]:
    """Run jobs, promises and the relay of the outbox."""
    return [sys.executable, "-m", "huoji", "worker"]


def gateway(name: str) -> list[str]:
    """Take in what terminals tell."""
    return [sys.executable, "-m", "huoji", "gateway", name]


def writer() -> list[str]:
    """Store what gateways handed over through NATS."""
    return [sys.executable, "-m", "huoji", "writer"]


def demo_drive() -> list[str]:
    """Let the vehicles of the demonstration drive."""
    return [sys.executable, "-m", "huoji", "demo", "--drive"]


def _granian(env: Env, *, port: int) -> list[str]:
    return [
        sys.executable, "-m", "huoji.config.granian", "--host", env.bind, "--port", str(port), "--http", "1",
        "--log-level", "warning", "--workers-kill-timeout", str(KILL_TIMEOUT_S), "--respawn-failed-workers", "--respawn-interval", "0.5",
    ]  # fmt: skip


def exists(module: str) -> bool:
    """Tell whether a module is there, without importing it."""
    return importlib.util.find_spec(module) is not None


def cannot_bind(host: str, port: int) -> str:
    """Return why a server could not listen there, or nothing; a client would only learn whether somebody answers."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as wrong:
            return wrong.strerror or str(wrong)
    return ""

"""The gateways by name: which of them `huoji up` runs, and how each of them is started."""

import sys

from huoji.config.env import Env

NAMES = ("jt808",)


def ports(env: Env) -> list[tuple[str, str, int]]:
    """Return setting, address and number of each port that the chosen gateways listen on."""
    return [("HUOJI_JT808_PORT", env.gateway_bind, env.jt808_port)] if "jt808" in chosen(env) else []


def chosen(env: Env) -> tuple[str, ...]:
    return tuple(name for name in env.gateways.split(",") if name)


def processes(env: Env) -> list[str]:
    """Return the gateway of each process that `huoji up` runs."""
    return [name for name in chosen(env) for _ in range(env.jt808_workers if name == "jt808" else 1)]


def run(name: str) -> int:
    """Run one gateway in this process until it is told to stop."""
    from huoji.gateways.jt808.process import CannotListenError, main

    assert name in NAMES
    try:
        main()
    except CannotListenError as wrong:
        print(wrong, file=sys.stderr)
        return 1
    return 0

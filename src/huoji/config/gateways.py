"""The gateways by name: which of them `huoji up` runs, and how each of them is started."""

import sys
from pathlib import Path

from huoji.config.env import Env

NAMES = ("jt808", "ais", "mqtt")


def ports(env: Env) -> list[tuple[str, str, int]]:
    """Return setting, address and number of each port that the chosen gateways listen on."""
    listening = {"jt808": ("HUOJI_JT808_PORT", env.jt808_port), "ais": ("HUOJI_AIS_PORT", env.ais_port)}
    return [(setting, env.gateway_bind, port) for name, (setting, port) in listening.items() if name in chosen(env)]


def chosen(env: Env) -> tuple[str, ...]:
    """Return the gateways to run; that of MQTT only where a broker is named."""
    named = () if env.gateways == "none" else env.gateways.split(",")
    return tuple(name for name in named if name != "mqtt" or env.mqtt_url)


def processes(env: Env) -> list[str]:
    """Return the gateway of each process that `huoji up` runs."""
    return [name for name in chosen(env) for _ in range(env.jt808_workers if name == "jt808" else 1)]


def run(env: Env, name: str, *, file: Path | None = None) -> int:
    """Run one gateway in this process until it is told to stop, or let it read a recording to its end."""
    match name:
        case "jt808":
            return _jt808()
        case "ais":
            return _ais(env, file)
        case "mqtt":
            return _mqtt(env)
        case _:
            raise AssertionError(name)


def _jt808() -> int:
    from huoji.gateways.jt808.process import CannotListenError, main

    try:
        main()
    except CannotListenError as wrong:
        print(wrong, file=sys.stderr)
        return 1
    return 0


def _ais(env: Env, file: Path | None) -> int:
    from huoji.gateways.ais import process, recording

    keep_all = env.ais_keep == "all"
    try:
        if file is None:
            return process.run(host=env.gateway_bind, port=env.ais_port, upstreams=env.ais_connect, keep_all=keep_all)
        for line in recording.say(recording.run_file(file, keep_all=keep_all)):
            print(line)
    except OSError as wrong:
        what = f"port {env.ais_port} cannot be used" if file is None else f"{file} cannot be read"
        print(f"{what}: {wrong.strerror or wrong}", file=sys.stderr)
        return 1
    return 0


def _mqtt(env: Env) -> int:
    from huoji.gateways import mqtt

    if not env.mqtt_url:
        print("Name the broker: HUOJI_MQTT_URL=mqtt://host:1883", file=sys.stderr)
        return 1
    topics = env.mqtt_topics.split(",")
    try:
        return mqtt.run(url=env.mqtt_url, topics=topics, identifier=env.mqtt_client, kept_days=env.keep_positions_days)
    except mqtt.PatternError as wrong:
        print(f"HUOJI_MQTT_TOPICS: {wrong}", file=sys.stderr)
        return 1

"""The kinds of settings: how each is parsed, what it refuses, and how the reference page shows it."""

import ipaddress
import re
import zoneinfo
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, TypeVar, cast
from urllib.parse import urlsplit

T = TypeVar("T")
SUBFOLDER = "folder of data"
PORT_MAX = 65_535
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting(Generic[T]):
    """What the reference page says about a setting, and how its text becomes a value."""

    parse: Callable[[str], T]
    default: str
    kind: str
    limit: str
    en: str
    zh: str
    secret: bool = False


def _declare(setting: Setting[T]) -> T:
    return cast("T", field(metadata={"setting": setting}))  # as dataclasses.field itself pretends to its type checker


def number(default: int, *, at_least: int, at_most: int, en: str, zh: str) -> int:
    """Declare a whole number within limits."""

    def parse(given: str) -> int:
        value = int(given) if re.fullmatch(r"[+-]?[0-9]+", given) else None
        if value is None or not at_least <= value <= at_most:
            raise ValueError(f"must be a whole number from {at_least} to {at_most}")
        return value

    limit = f"{at_least}–{at_most}"
    return _declare(Setting(parse=parse, default=str(default), kind="number", limit=limit, en=en, zh=zh))


def flag(*, en: str, zh: str) -> bool:
    """Declare a switch that is off unless it is set to 1."""

    def parse(given: str) -> bool:
        if given not in {"0", "1"}:
            raise ValueError("must be 0 or 1")
        return given == "1"

    return _declare(Setting(parse=parse, default="0", kind="switch", limit="0, 1", en=en, zh=zh))


def text(default: str, *, pattern: str, limit: str, en: str, zh: str, secret: bool = False) -> str:
    """Declare a text of a fixed shape."""

    def parse(given: str) -> str:
        if not re.fullmatch(pattern, given):
            raise ValueError(f"must be {limit}")
        return given

    return _declare(Setting(parse=parse, default=default, kind="text", limit=limit, en=en, zh=zh, secret=secret))


def one_of(default: str, *, choices: tuple[str, ...], en: str, zh: str) -> str:
    """Declare a choice from a short list."""

    def parse(given: str) -> str:
        if given not in choices:
            raise ValueError(f"must be one of {', '.join(choices)}")
        return given

    return _declare(Setting(parse=parse, default=default, kind="choice", limit=", ".join(choices), en=en, zh=zh))


def address(*, schemes: tuple[str, ...], en: str, zh: str, secret: bool) -> str:
    """Declare a URL that may be empty; `secret` hides a password in it from every print-out."""

    def parse(given: str) -> str:
        parts = urlsplit(given)
        if given and (parts.scheme not in schemes or not (parts.hostname or parts.query or parts.path.strip("/"))):
            raise ValueError(f"must begin with {' or '.join(f'{each}://' for each in schemes)} and name a host")
        return given.rstrip("/")

    limit = ", ".join(f"{each}://…" for each in schemes)
    return _declare(Setting(parse=parse, default="", kind="URL", limit=limit, en=en, zh=zh, secret=secret))


def folder(default: str, *, en: str, zh: str) -> Path:
    """Declare a folder; a relative one is taken from where the command was started."""

    def parse(given: str) -> Path:
        path = Path(given).expanduser().resolve()
        if path.exists() and not path.is_dir():
            raise ValueError("must be a folder, and a file is in its place")
        return path

    return _declare(Setting(parse=parse, default=default, kind="folder", limit="a path", en=en, zh=zh))


def subfolder(default: str, *, en: str, zh: str) -> Path:
    """Declare a folder; a relative one is taken from the data folder."""

    def parse(given: str) -> Path:
        return Path(given).expanduser()

    limit = "a path; relative: in the data folder"
    return _declare(Setting(parse=parse, default=default, kind=SUBFOLDER, limit=limit, en=en, zh=zh))


def hosts(default: str, *, en: str, zh: str) -> tuple[str, ...]:
    """Declare a list of host names, separated by commas."""

    def parse(given: str) -> tuple[str, ...]:
        names = tuple(name for each in given.split(",") if (name := each.strip()))
        wrong = [name for name in names if not re.fullmatch(r"\*|\.?[A-Za-z0-9.-]+|\[[0-9a-fA-F:]+\]", name)]
        if wrong or not names:
            raise ValueError(f"must be host names separated by commas, without scheme or port{_named(wrong)}")
        return names

    return _declare(Setting(parse=parse, default=default, kind="list", limit="host names, comma", en=en, zh=zh))


def endpoints(default: str, *, en: str, zh: str) -> tuple[tuple[str, int], ...]:
    """Declare a list of host:port, separated by commas; it may be empty."""

    def parse(given: str) -> tuple[tuple[str, int], ...]:
        found = []
        for each in filter(None, (name.strip() for name in given.split(","))):
            host, _, port = each.rpartition(":")
            if not re.fullmatch(r"[A-Za-z0-9.-]+|\[[0-9a-fA-F:]+\]", host) or not re.fullmatch(r"[1-9]\d{0,4}", port):
                raise ValueError(f"must be host:port, separated by commas ({each})")
            if int(port) > PORT_MAX:
                raise ValueError(f"must have ports up to {PORT_MAX} ({each})")
            found.append((host.strip("[]"), int(port)))
        return tuple(found)

    return _declare(Setting(parse=parse, default=default, kind="list", limit="host:port, comma", en=en, zh=zh))


def networks(default: str, *, en: str, zh: str) -> tuple[Network, ...]:
    """Declare a list of networks in CIDR notation, separated by commas; it may be empty."""

    def parse(given: str) -> tuple[Network, ...]:
        try:
            return tuple(ipaddress.ip_network(name) for each in given.split(",") if (name := each.strip()))
        except ValueError as wrong:
            raise ValueError(f"must be networks such as 10.0.0.0/8, separated by commas ({wrong})") from None

    return _declare(Setting(parse=parse, default=default, kind="list", limit="CIDR, comma", en=en, zh=zh))


def time_zone(default: str, *, en: str, zh: str) -> str:
    """Declare a time zone of the IANA data base."""

    def parse(given: str) -> str:
        if given not in zoneinfo.available_timezones():
            raise ValueError("must be a time zone such as Asia/Shanghai")
        return given

    return _declare(Setting(parse=parse, default=default, kind="zone", limit="IANA name", en=en, zh=zh))


def _named(wrong: list[str]) -> str:
    return f" ({', '.join(wrong)})" if wrong else ""

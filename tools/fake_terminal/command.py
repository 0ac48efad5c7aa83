"""A road terminal that does not exist (JT/T 808): it registers, drives, obeys and, if asked, misbehaves.

`python -m tools.fake_terminal --help` shows what it can do. Tests and load generators use `FakeTerminal`.
"""

import argparse
import asyncio
import contextlib
import random

from huoji.wire.jt808 import Version
from tools.fake_terminal.manners import Bad, Refused
from tools.fake_terminal.terminal import HANGZHOU, SHANGHAI, FakeTerminal


def _point(text: str) -> tuple[float, float]:
    latitude, longitude = text.split(",")
    return float(latitude), float(longitude)


def options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tools.fake_terminal", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=6808)
    parser.add_argument("--number", default="13800138000", help="terminal number; --count goes on from it")
    parser.add_argument("--count", type=int, default=1, help="how many terminals, each on its own connection")
    parser.add_argument("--version", choices=[each.value for each in Version], default="2013")
    parser.add_argument("--plate", default="粤A12345")
    parser.add_argument("--code", help="authentication code from an earlier registration")
    parser.add_argument("--from", dest="start", type=_point, default=SHANGHAI, help="latitude,longitude")
    parser.add_argument("--to", dest="end", type=_point, default=HANGZHOU, help="latitude,longitude")
    parser.add_argument("--interval", type=float, default=5, help="seconds of the drive between reports")
    parser.add_argument("--faster", type=float, default=1, help="how many times faster than life")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--blind", type=float, metavar="SECONDS", help="drive without network for the first seconds")
    parser.add_argument(
        "--picture", type=int, metavar="BYTES", help="send a picture of that size, without its second part"
    )
    parser.add_argument("--bad", nargs="*", choices=[each.value for each in Bad], default=[], help="how to misbehave")
    return parser


async def _run(given: argparse.Namespace, index: int) -> None:
    terminal = FakeTerminal(
        host=given.host,
        port=given.port,
        number=str(int(given.number) + index),
        version=Version(given.version),
        plate=given.plate,
        code=given.code,
        bad=[Bad(each) for each in given.bad],
        seed=given.seed + index,
    )
    terminal.interval_s = given.interval
    async with terminal:
        await terminal.log_in()
        print(f"{terminal.number}: accepted, code {terminal.code}")
        if given.picture:
            await terminal.send_picture(random.Random(given.seed).randbytes(given.picture), drop=[2], shuffle=True)
        if given.blind:
            terminal.blind = True
            asyncio.get_running_loop().call_later(given.blind / given.faster, setattr, terminal, "blind", False)
        count = await terminal.drive(given.start, given.end, seed=given.seed + index, faster=given.faster)
        late = await terminal.send_collected()
        with contextlib.suppress(TimeoutError):
            await terminal.drain()
        print(f"{terminal.number}: {count} positions, {late} of them later, {terminal.unanswered} messages unanswered")


async def _run_all(given: argparse.Namespace) -> None:
    await asyncio.gather(*(_run(given, index) for index in range(given.count)))


def main() -> None:
    given = options().parse_args()
    try:
        asyncio.run(_run_all(given))
    except KeyboardInterrupt:
        pass
    except (Refused, OSError) as error:
        raise SystemExit(f"refused: {error}") from None

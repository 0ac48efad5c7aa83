"""What the processes under `huoji up` say, when a person sits before it: kept in a file, and only what is wrong on the screen."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import IO

import msgspec

BYTES_MAX = 10_000_000  # of the file; then it becomes the one before, and the one before that goes
LOOK_BYTES_MAX = 1_000_000  # of one look; a process that floods its log shall not keep us from our children
SHOWN_MAX = 20  # lines of one look that are shown
LINE_LENGTH_MAX = 400
QUIET = frozenset({"debug", "info"})


class _Line(msgspec.Struct):
    level: str = ""
    logger: str = ""
    message: str = ""
    at: str = ""


_decoder = msgspec.json.Decoder(_Line)


class UpLog:
    """The file that all children write to; `look` shows what is new and wrong, and begins a new file when it is full."""

    def __init__(self, folder: Path, *, say: Callable[[str], None]) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.path = folder / "up.log"
        self.say = say
        self._file = self.path.open("ab", buffering=0)
        self._read = self.path.stat().st_size
        self._rest = b""

    @property
    def output(self) -> IO[bytes]:
        return self._file

    def look(self) -> None:
        """Show the new lines that are warnings or no log lines at all, such as why a process could not start."""
        with self.path.open("rb") as file:
            file.seek(self._read)
            news = file.read(LOOK_BYTES_MAX)
        self._read += len(news)
        *lines, self._rest = (self._rest + news).split(b"\n")
        self._rest = self._rest[-LINE_LENGTH_MAX * 10 :]
        shown = [text for line in lines if (text := _shown(line))]
        for text in shown[:SHOWN_MAX]:
            self.say(text)
        if len(shown) > SHOWN_MAX:
            self.say(f"… {len(shown) - SHOWN_MAX} more in {self.path}")
        if self._read >= BYTES_MAX and len(news) < LOOK_BYTES_MAX:
            self._begin_anew()

    def _begin_anew(self) -> None:
        """Put the file aside; its writers hold it open and append, so it is emptied and not replaced."""
        aside = self.path.with_suffix(".log.1")
        aside.write_bytes(self.path.read_bytes())
        os.truncate(self.path, 0)
        self._read = 0


def _shown(line: bytes) -> str:
    """Return what a person is shown of a line; nothing of what is all right."""
    text = line.decode(errors="replace").strip()
    try:
        told = _decoder.decode(line)
    except msgspec.DecodeError:
        return text[:LINE_LENGTH_MAX]
    if told.level in QUIET:
        return ""
    return f"{told.at[11:19]} {told.level} {told.logger}: {told.message}"[:LINE_LENGTH_MAX]

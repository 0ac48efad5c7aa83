"""Find dialects of terminals by name: those that come along, and the files an operator has put beside them."""

from functools import lru_cache
from importlib import resources
from pathlib import Path

from django.conf import settings

from huoji.kit import log
from huoji.wire import FormatError
from huoji.wire.jt808 import Dialect, read_dialect

FOLDER = "dialects"  # of the data folder


@lru_cache(maxsize=64)
def _read(name: str, document: bytes) -> Dialect | None:
    """Read a document once; a faulty one is told in the log and reads nothing."""
    try:
        return read_dialect(document)
    except FormatError as wrong:
        log.KIT.error("dialect %s is faulty: %s", name, wrong)
        return None


def named(name: str) -> Dialect | None:
    """Return a dialect by its name, an operator's own first; None when there is none."""
    if not name or not name.replace("-", "").replace("_", "").isalnum():
        return None
    own = Path(settings.HUOJI.data_dir) / FOLDER / f"{name}.json"
    shipped = resources.files("huoji.wire.jt808") / FOLDER / f"{name}.json"
    for file in (own, shipped):
        try:
            return _read(name, file.read_bytes())
        except OSError:
            continue
    return None

"""Do something for many at once, and let nobody wait for one at whom it fails: found by halves, logged, and shown by a health check."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from huoji.core.halving import Halving
from huoji.kit import log, mark, trouble
from huoji.kit.trouble import Trouble

AGAIN = timedelta(hours=1)  # when the one at whom it failed is tried again; what is mended meanwhile shows then
STILL = 2 * AGAIN  # for so long it counts as failing
STUCK = "stuck:"
NAMED_MAX = 20


def each_apart(what: str, ids: Sequence[int], work: Callable[[Sequence[int]], None], *, now: datetime) -> list[int]:
    """Do `work` for these; return those at whom it fails, which are noted. While the database has trouble of its own, raise that."""
    halving = Halving(ids)
    while some := halving.next():
        halving.told(_attempt(work, some))
    stuck = {ids[place]: wrong for place, wrong in sorted(halving.refused.items())}
    if not stuck:
        return []
    named = list(stuck)[:NAMED_MAX]
    for each in named:
        log.KIT.error("this one fails and is left out", exc_info=stuck[each], extra={"what": what, "id": each})
    mark.put(f"{STUCK}{what}", now=now, ok=False, ids=named, failed=len(stuck), error=log.summary_of(stuck[named[0]]))
    return list(stuck)


def _attempt(work: Callable[[Sequence[int]], None], some: Sequence[int]) -> Exception | None:
    try:
        work(some)
    except Exception as wrong:
        if trouble.of(wrong) in {Trouble.AWAY, Trouble.NO_ROOM}:
            raise
        return wrong
    return None


def failing(*, now: datetime) -> list[mark.Marked]:
    """Return what failed at somebody lately."""
    return [each for each in mark.all_of(STUCK) if now - each.at < STILL]

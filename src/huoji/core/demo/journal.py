"""The book in which the demonstration writes what happened; what lies after now has not happened yet."""

from huoji.core.demo.model import ToldAt
from huoji.core.moment import CHINA_MIN
from huoji.core.report import Report, identity

HOUR, DAY = 3_600, 86_400
CHINA_S = 8 * HOUR  # all of it keeps Beijing time; ports abroad tell their own offset

NO_HOLDER = ("", "")


def day_of(at: int) -> int:
    """Return the number of the day in China."""
    return (at + CHINA_S) // DAY


def clock(day: int, hour: float) -> int:
    """Return the instant of an hour of a day in China."""
    return day * DAY - CHINA_S + int(hour * HOUR)


class Journal:
    """Collects events and drops actual ones after now."""

    def __init__(self, *, now: int) -> None:
        self.now = now
        self.told: list[ToldAt] = []

    def tell(
        self,
        target: str,
        number: str,
        milestone: str,
        at: int,
        *,
        place: str = "",
        next_place: str = "",
        mode: str = "road",
        reason: str = "",
        holder: tuple[str, str] = NO_HOLDER,
        piece: str = "",
        offset_min: int = CHINA_MIN,
        classifier: str = "ACT",
        told_at: int = 0,
        signed_by: str = "",
        note: str = "",
    ) -> bool:
        """Write one event down and say whether it has come to pass (a plan: whether it has been told)."""
        told_at = told_at or at
        if told_at > self.now:
            return False
        key = identity("demo", str(len(self.told)))
        self.told.append(
            ToldAt(
                told_at,
                Report(
                    target=target, number=number, key=key, digest=key, at=at, precision=2, offset_min=offset_min,
                    offset_assumed=False, classifier=classifier, milestone=milestone, reason=reason, place=place,
                    next_place=next_place, mode=mode, holder=holder, piece=piece, signed_by=signed_by, note=note,
                ),
            )
        )  # fmt: skip
        return True

    def sorted(self) -> tuple[ToldAt, ...]:
        """Return all events in the order in which they were told; what a vehicle told comes before what its cargo did."""
        return tuple(sorted(self.told, key=lambda each: (each.at, each.report.target == "waybill")))

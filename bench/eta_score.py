"""What an estimate was worth: coverage of the interval, and errors against those who only know the plan or the last delay."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from statistics import fmean, median

from huoji.core.eta import Confidence
from huoji.core.eta_history import History, Interval

CELL_MIN = 30  # a smaller cell says nothing and is not shown
MINUTES_30 = 1800
FEW = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One estimate, what came true, and what the naive ones would have said. Epoch seconds."""

    mode: str
    lead: str
    year: int
    now: int
    actual: int
    told: Interval
    confidence: Confidence
    plan: int
    last_known: int
    usual: int  # the plan and the usual delay of the lane
    early: bool

    @property
    def is_covered(self) -> bool:
        return self.told.early <= self.actual <= self.told.late


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Of one cell: part covered and to which side it was missed, mean and median errors in seconds."""

    n: int
    covered: float
    too_early: float  # came before the interval
    too_late: float
    width: float
    mae: float
    mae_plan: float
    mae_last: float
    mae_usual: float
    median: float
    median_plan: float
    median_last: float
    on_plan: float  # came exactly when planned
    median_share: float  # error against the time that was left


def usual_late_s(histories: Iterable[History]) -> int:
    """Return the median delay of the narrowest history that holds a few, 0 without."""
    for history in histories:
        if len(history.past) >= FEW:
            return round(median(past.late_s for past in history.past))
    return 0


def score(answers: list[Answer]) -> Score:
    """Score one cell; a naive guess that has passed is "now"."""
    errors = [abs(each.told.likely - each.actual) for each in answers]
    plan = [abs(max(each.plan, each.now) - each.actual) for each in answers]
    last = [abs(max(each.last_known, each.now) - each.actual) for each in answers]
    usual = [abs(max(each.usual, each.now) - each.actual) for each in answers]
    shares = [error / max(MINUTES_30, each.told.likely - each.now) for error, each in zip(errors, answers, strict=True)]
    return Score(
        n=len(answers), covered=fmean(each.is_covered for each in answers),
        too_early=fmean(each.actual < each.told.early for each in answers),
        too_late=fmean(each.actual > each.told.late for each in answers),
        width=median(each.told.late - each.told.early for each in answers),
        mae=fmean(errors), mae_plan=fmean(plan), mae_last=fmean(last), mae_usual=fmean(usual),
        median=median(errors), median_plan=median(plan), median_last=median(last),
        on_plan=fmean(each.actual == each.plan for each in answers), median_share=median(shares),
    )  # fmt: skip


def cells(answers: Iterable[Answer], key: Callable[[Answer], tuple]) -> dict[tuple, Score]:
    """Score every cell that holds enough."""
    found = defaultdict(list)
    for each in answers:
        found[key(each)].append(each)
    return {name: score(each) for name, each in found.items() if len(each) >= CELL_MIN}

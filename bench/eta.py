"""Estimates of arrival, measured: coverage of the interval and error by lead time and mode, beside those who know less.

`python -m bench eta` prints the figures of docs/explanation/eta.md. The interval is meant to hold 80 %. Width is the median width of the
interval; error the mean of |most likely - actual|, and beside it the same for the plan, for the plan and the delay known last, and for
the plan and the usual delay of the lane; then medians. A naive guess that has passed counts as "now". Cells under 30 are not shown.
"""

from collections.abc import Callable, Iterable
from os import environ
from pathlib import Path

from bench import eta_deliveries, eta_network
from bench.eta_score import Answer, Score, cells

FOLDER = Path(environ.get("HUOJI_CONFORMANCE_DATA", "../shared/data")) / "shipments"
FILES = sorted(FOLDER.glob("scms_*.csv"))  # later years beside the first are tried with it
TRAIN_SEEDS, HELD_OUT_SEED = (1, 2), 2026  # the constants of core/eta were chosen on the former
TRAIN_UNTIL = 2010  # and on deliveries scheduled until then
HOUR, DAY = 3600, 86_400
LEADS = [name for _, name in eta_network.LEADS_H] + [eta_network.BEYOND]
CONFIDENCES = ["high", "medium", "low"]
ERRORS = ("width", "error", "plan", "last delay", "usual delay", "median error", "plan", "last delay", "of time left")


def run(*, files: list[Path], seed: int) -> None:
    """Measure both, and print."""
    network(seed)
    if files:
        deliveries(files)
    else:
        print(f"\nNo deliveries in {FOLDER}: give --deliveries or set HUOJI_CONFORMANCE_DATA")


def network(seed: int) -> None:
    told = list(eta_network.ask(seed))
    print(f"\n### Estimates on a simulated network, seed {seed}, hours\n")
    for which in ("next", "final"):
        answers = [answer for kind, answer in told if kind == which]
        title = "the next stop" if which == "next" else "the end of a run with stops between"
        table(f"{title}, by mode", answers, lambda each: (each.mode,), unit=HOUR)
        table(f"{title}, by mode and lead", answers, lambda each: (each.mode, each.lead), unit=HOUR)
    table("by confidence", [answer for _, answer in told], lambda each: (each.confidence.value,), unit=HOUR)


def deliveries(files: list[Path]) -> None:
    answers = list(eta_deliveries.ask(eta_deliveries.read(files)))
    tested = [each for each in answers if each.year > TRAIN_UNTIL]
    print(
        f"\n### Deliveries of {', '.join(file.name for file in files)}, each asked from what was recorded before, days\n"
    )
    table(f"by year (the constants were chosen until {TRAIN_UNTIL})", answers, lambda each: (each.year,), unit=DAY)
    table(f"after {TRAIN_UNTIL}, by days to the plan", tested, lambda each: (each.lead,), unit=DAY)
    table(f"after {TRAIN_UNTIL}, by mode and days to the plan", tested, lambda each: (each.mode, each.lead), unit=DAY)
    early = [each for each in tested if each.early]
    table(f"after {TRAIN_UNTIL}, those that came early", early, lambda each: (each.mode, each.lead), unit=DAY)
    other = [each for each in tested if not each.early]
    table(
        f"after {TRAIN_UNTIL}, those that came on the day or late", other, lambda each: (each.mode, each.lead), unit=DAY
    )
    table(f"after {TRAIN_UNTIL}, by confidence", tested, lambda each: (each.confidence.value,), unit=DAY)


def table(title: str, answers: Iterable[Answer], key: Callable[[Answer], tuple], *, unit: int) -> None:
    """Print one table, a row a cell."""
    found = cells(answers, key)
    if not found:
        return
    names = sorted(found, key=lambda name: [_order(each) for each in name])
    heads = [*(" " for _ in names[0]), "n", "inside", "before", "after", *(["on plan"] if unit == DAY else []), *ERRORS]
    print(f"**{title}**\n\n| {' | '.join(heads)} |\n|{'---|' * len(heads)}")
    for name in names:
        print(f"| {' | '.join(map(str, name))} | {_row(found[name], unit)} |")
    print(flush=True)


def _order(name: object) -> str:
    for order in (LEADS, CONFIDENCES):
        if name in order:
            return f"{order.index(str(name))}"
    text = str(name)
    return f"{1000 - int(text[:-2]):04d}" if text.endswith(" d") and text[0] in "+-" else text


def _row(told: Score, unit: int) -> str:
    parts = [told.covered, told.too_early, told.too_late, *([told.on_plan] if unit == DAY else [])]
    lengths = (
        told.width, told.mae, told.mae_plan, told.mae_last, told.mae_usual, told.median, told.median_plan, told.median_last,
    )  # fmt: skip
    texts = [f"{told.n:,}", *(f"{part:.0%}" for part in parts), *(f"{length / unit:.1f}" for length in lengths)]
    return " | ".join([*texts, f"{told.median_share:.0%}"])

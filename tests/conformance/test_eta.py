"""Estimates on deliveries that really were: each year is asked from what had been recorded before it."""

from bench.eta_deliveries import ask, read
from bench.eta_score import cells

LEARN_FROM = 1_230_768_000  # 2009


def test_intervals_hold_and_no_naive_guess_is_much_better(foreign):
    deliveries = [
        each for each in read(sorted((foreign / "shipments").glob("scms_*.csv"))) if each.scheduled > LEARN_FROM
    ]
    found = cells(ask(deliveries, leads=(14, -1)), lambda each: (each.year, each.lead))
    ahead = {year: told for (year, lead), told in found.items() if lead == "+14 d" and year >= 2010}
    overdue = [told for (_, lead), told in found.items() if lead == "-1 d"]
    assert len(ahead) >= 3
    assert all(told.covered > 0.7 for told in ahead.values())
    assert all(told.mae < min(1.1 * told.mae_plan, told.mae_last) for told in ahead.values())
    assert all(told.mae < 1.02 * told.mae_plan for told in overdue)

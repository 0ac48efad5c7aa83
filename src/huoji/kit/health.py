"""Is everything well? A registry of checks that apps fill at start, run by the worker, remembered for every page to see."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from huoji.kit import log
from huoji.kit.models import HealthRow

SILENT_AFTER = timedelta(minutes=2)  # the worker checks every half minute


class State(StrEnum):
    """How a check came out; `warn` is for the page alone, `fail` raises the alarm."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The state and the plain figures that explain it; `advice` says what to do."""

    state: State
    figures: Mapping[str, Any] = field(default_factory=dict)
    advice: Promise | str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One question with a stable name and a label for people."""

    name: str
    label: Promise | str
    run: Callable[[datetime], Result]


_checks: dict[str, Check] = {}


def check(name: str, label: Promise | str) -> Callable[[Callable[[datetime], Result]], Callable[[datetime], Result]]:
    """Register a check in `AppConfig.ready()`; it gets `now`, must be quick, and fails when it raises."""

    def register(function: Callable[[datetime], Result]) -> Callable[[datetime], Result]:
        _checks[name] = Check(name=name, label=label, run=function)
        return function

    return register


def run_all(*, now: datetime) -> None:
    """Run every check and remember the results; a changed state is one log line."""
    known = {row.name: row for row in HealthRow.objects.all()}
    for each in _checks.values():
        result = run_one(each, now=now)
        with translation.override("zh-hans"):  # the source text, translated for whoever reads it
            detail = {"figures": dict(result.figures), "advice": str(result.advice)}
        row = known.pop(each.name, None)
        since = row.since if row is not None and row.state == result.state else now
        HealthRow.objects.update_or_create(
            name=each.name,
            defaults={"state": result.state.value, "detail": detail, "since": since, "checked_at": now},
        )
        if row is None or row.state != result.state:
            level = log.KIT.error if result.state is State.FAIL else log.KIT.info
            level("health changed", extra={"check": each.name, "state": result.state.value})
    HealthRow.objects.filter(name__in=list(known)).delete()  # checks of a version that is gone


def run_one(each: Check, *, now: datetime) -> Result:
    try:
        return each.run(now)
    except Exception as error:  # noqa: BLE001 - a check that cannot be made is a failed check
        log.KIT.exception("health check raised", extra={"check": each.name})
        return Result(state=State.FAIL, figures={"error": log.summary_of(error)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The last result of a check, as it is shown."""

    name: str
    label: Promise | str
    state: State
    figures: Mapping[str, Any]
    advice: Promise | str
    since: datetime
    checked_at: datetime


def standings(*, now: datetime) -> list[Standing]:
    """Return the last result of every check, failures first; silence of the worker is a failure of its own."""
    found = [
        Standing(
            name=row.name,
            label=_checks[row.name].label if row.name in _checks else row.name,
            state=State(row.state),
            figures=row.detail.get("figures", {}),
            advice=translated(row.detail.get("advice", "")),
            since=row.since,
            checked_at=row.checked_at,
        )
        for row in HealthRow.objects.all()
    ]
    last = max((row.checked_at for row in found), default=None)
    if last is None or now - last > SILENT_AFTER:
        found.append(silent_worker(last or now, now=now))
    order = {State.FAIL: 0, State.WARN: 1, State.OK: 2}
    return sorted(found, key=lambda row: (order[row.state], row.name))


def translated(advice: str) -> str:
    return gettext(advice) if advice else ""  # gettext("") is the header of the catalogue


def silent_worker(last: datetime, *, now: datetime) -> Standing:
    return Standing(
        name="worker",
        label=_("后台进程"),
        state=State.FAIL,
        figures={"silent_s": round((now - last).total_seconds())},
        advice=_("没有后台进程在检查系统，请看 `huoji up` 的输出或运行 `huoji doctor`"),
        since=last,
        checked_at=last,
    )


def alarms(*, now: datetime) -> list[Standing]:
    """Return what fails now."""
    return [row for row in standings(now=now) if row.state is State.FAIL]

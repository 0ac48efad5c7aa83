"""What the health page should say of people: too many looks at personal data, and passwords being guessed."""

from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from huoji.apps.accounts.models import AuditRow
from huoji.kit import health
from huoji.kit.health import Result, State

ALARM = "party.alarm"
REFUSED = "session.refuse"
LOOKED_BACK = timedelta(hours=24)
GUESSED_BACK = timedelta(hours=1)
GUESSES_WARN = 30


def register() -> None:
    """Put the checks into the registry."""
    health.check("privacy", _("个人信息查看"))(looks)
    health.check("signin", _("登录"))(guesses)


def looks(now: datetime) -> Result:
    """Warn for a day after somebody looked at too many people."""
    rows = AuditRow.objects.filter(verb=ALARM, at__gt=now - LOOKED_BACK)
    people = sorted(set(rows.order_by("-id").values_list("actor", flat=True)[:100]))
    figures = {"alarms": rows.count(), "actors": people}
    if people:
        return Result(state=State.WARN, figures=figures, advice=_("有人查看个人信息过多，请在审计中按 party. 核实"))
    return Result(state=State.OK, figures=figures)


def guesses(now: datetime) -> Result:
    """Warn while passwords are being guessed."""
    refused = AuditRow.objects.filter(verb=REFUSED, at__gt=now - GUESSED_BACK).count()
    figures = {"refused": refused}
    if refused >= GUESSES_WARN:
        return Result(
            state=State.WARN, figures=figures, advice=_("一小时内多次密码错误，请在审计中按 session.refuse 核实")
        )
    return Result(state=State.OK, figures=figures)

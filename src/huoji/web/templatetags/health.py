"""How the health page says things: states by word, icon and colour, shares, lags and the figures of a check."""

import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django import template
from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from huoji.kit.ingest import Source
from huoji.kit.process import Process

register = template.Library()

TAGS = {
    "ok": ("hj-good", "circle-check", _("正常")),
    "warn": ("hj-warn", "alert-triangle", _("注意")),
    "fail": ("hj-bad", "alert-circle", _("故障")),
    "silent": ("hj-bad", "clock-exclamation", _("无消息")),
    "stopped": ("hj-calm", "hand-stop", _("已停止")),
}
WORDS = {
    "alive": _("运行中"),
    "missing": _("缺少"),
    "waiting": _("等待"),
    "oldest_age_s": _("最久"),
    "dead": _("未能投递"),
    "stuck": _("任务与编号"),
    "given_up": _("等人处理"),
    "alarms": _("告警"),
    "actors": _("人员"),
    "refused": _("被拒绝"),
    "failed": _("失败"),
    "periodic_failing": _("失败的定时任务"),
    "free_bytes": _("剩余"),
    "total_bytes": _("总量"),
    "last_at": _("备份于"),
    "verified_at": _("验证于"),
    "silent": _("无消息的来源"),
    "silent_s": _("静默"),
    "took_s": _("耗时"),
    "error": _("错误"),
}

KINDS = {
    "points": _("终端位置"),
    "said": _("终端消息"),
    "vessels": _("船舶 (AIS)"),
    "readings": _("传感器读数"),
    "unreadable": _("无法读取的数据包"),
}


@register.filter
def kind_word(kind: str) -> str:
    """Name what gateways receive."""
    return str(KINDS.get(kind, kind))


@register.filter
def state_tag(state: str) -> SafeString:
    """Draw a state as word, icon and colour."""
    colour, icon, word = TAGS[state]
    return format_html(
        '<span class="hj-tag {}"><svg class="icon" aria-hidden="true"><use href="{}#{}"/></svg>{}</span>',
        colour,
        static("huoji/icons.svg"),
        icon,
        word,
    )


@register.filter
def source_tag(source: Source, now: datetime) -> SafeString:
    after = timedelta(hours=settings.HUOJI.source_silent_hours)
    return state_tag("silent" if source.is_silent(now=now, after=after) else "ok")


@register.filter
def process_tag(process: Process) -> SafeString:
    return state_tag("ok" if process.alive else "stopped" if process.stopped else "fail")


@register.filter
def share(value: float | None) -> str:
    """Write a share as percent; rounded down, so that 100% means all."""
    return "—" if value is None else f"{math.floor(value * 1_000) / 10:g}%"


@register.filter
def lag(seconds: float | None) -> str:
    """Write a bound of the lag histogram."""
    if seconds is None:
        return "—"
    if math.isinf(seconds):
        return "> 7 d"
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"≤ {seconds / size:g} {unit}"
    return f"≤ {seconds:g} s"


@register.filter
def figures(found: Mapping[str, Any]) -> str:
    """Write the figures of a check as a line of words."""
    parts = [
        f"{WORDS.get(name, name)} {figure(name, value)}" for name, value in found.items() if value not in (None, [])
    ]
    return " · ".join(parts)


def figure(name: str, value: Any) -> str:
    if name.endswith("_bytes"):
        return filesizeformat(value)
    if name.endswith("_s"):
        seconds = round(float(value), 1)
        return ngettext("%(seconds)g 秒", "%(seconds)g 秒", math.ceil(seconds)) % {"seconds": seconds}
    if name.endswith("_at"):
        return datetime.fromisoformat(value).strftime("%Y-%m-%d %H:%M UTC")
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)

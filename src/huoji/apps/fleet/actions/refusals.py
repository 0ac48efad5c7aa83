"""Why the fleet may refuse, by stable codes."""

from django.utils.translation import gettext_lazy as _

from huoji.kit.problem import CATALOGUE, Problem, declare

for _code, _status, _title in (
    ("plate_taken", 409, _("该车牌号已登记在另一辆车上")),
    ("imo_taken", 409, _("该 IMO 编号已登记在另一艘船上")),
    ("mmsi_taken", 409, _("该 MMSI 已登记在另一艘船上")),
    ("conveyance_unnamed", 422, _("车辆须有车牌号，船舶须有 IMO 编号或 MMSI")),
    ("conveyance_fitted", 409, _("请先拆下终端，再停用该车船")),
    ("terminal_taken", 409, _("该终端号已存在")),
    ("terminal_number_empty", 422, _("请填写终端号")),
    ("filter_unknown", 422, _("没有这个过滤规则")),
    ("not_a_road_terminal", 422, _("只有 JT/T 808 终端有鉴权码和协议版本")),
    ("terminal_blocked", 409, _("终端已停用，请先恢复")),
    ("fitted_already", 409, _("终端已安装在别的车船上，请先拆下")),
    ("not_fitted", 409, _("终端没有安装在任何车船上")),
    ("fitting_overlaps", 422, _("安装或拆下的时间与以前的记录重叠")),
    ("purpose_needed", 422, _("请填写回放的用途，它会记入审计")),
    ("track_span_empty", 422, _("结束时间须晚于开始时间")),
    ("track_span_too_long", 422, _("一次最多回放 7 天")),
    ("fitting_in_future", 422, _("安装或拆下的时间不能晚于现在")),
):
    declare(_code, status=_status, title=_title)


def refuse(code: str) -> Problem:
    """Return the problem of that code, to be raised."""
    kind = CATALOGUE[code]
    return Problem(code, kind.status, kind.title)

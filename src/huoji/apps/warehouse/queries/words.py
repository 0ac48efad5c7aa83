"""What the warehouse's codes are called by people."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from huoji.core.storage import AnomalyKind, DiscrepancyKind, Left, Verb

Words = str | Promise

VERBS: Mapping[Verb, Words] = {
    Verb.IN: _("入库"),
    Verb.LOCATE: _("上架"),
    Verb.MOVE: _("移位"),
    Verb.OUT: _("出库"),
    Verb.COUNT: _("盘点"),
    Verb.UNDO: _("撤销"),
}
ICONS: Mapping[Verb, str] = {
    Verb.IN: "download", Verb.LOCATE: "stack-2", Verb.MOVE: "replace", Verb.OUT: "upload", Verb.COUNT: "clipboard-list",
    Verb.UNDO: "arrow-back-up",
}  # fmt: skip
ANOMALIES: Mapping[AnomalyKind, Words] = {
    AnomalyKind.DAMAGE: _("货损"),
    AnomalyKind.SHORTAGE: _("短少"),
    AnomalyKind.LOSS: _("丢失"),
}
DISCREPANCIES: Mapping[DiscrepancyKind, Words] = {
    DiscrepancyKind.OUT_WITHOUT_IN: _("有出库、无入库"),
    DiscrepancyKind.SHELVED_WITHOUT_IN: _("有上架、无入库"),
    DiscrepancyKind.LEFT_WITHOUT_OUT: _("未出库，已在别处"),
    DiscrepancyKind.MISSING: _("盘点未见"),
    DiscrepancyKind.UNEXPECTED: _("盘点多出"),
    DiscrepancyKind.MISPLACED: _("盘点错位"),
}
LEFT: Mapping[Left, Words] = {
    Left.LOADED: _("已装车船"),
    Left.OUT_FOR_DELIVERY: _("已出仓派送"),
    Left.DELIVERED: _("已签收"),
    Left.RETURNED: _("已退回签收"),
}
REFUSALS: Mapping[str, Words] = {
    "invalid_item": _("扫描数据不完整，请重扫"),
    "too_long": _("内容过长"),
    "missing_number": _("请扫描货物单号"),
    "location_as_number": _("这是库位条码，请扫描货物"),
    "missing_site": _("请选择站点"),
    "missing_location": _("请先扫描库位"),
    "invalid_location": _("库位编码有误"),
    "unknown_location": _("本站点没有这个库位，请先设置库位或扫描别的库位"),
    "unknown_site": _("没有这个站点，或您不在该站点工作"),
    "invalid_count": _("请先选择盘点单"),
    "unknown_count": _("没有这张盘点单"),
    "count_closed": _("盘点已结束，请重新开单"),
    "invalid_time": _("设备时间有误，请校准"),
    "time_ahead": _("设备时间快了，请校准"),
    "time_too_old": _("这次扫描已超过 30 天，请改为登记轨迹"),
    "invalid_undo": _("要撤销的扫描不存在"),
    "unknown_movement": _("要撤销的扫描不存在"),
    "not_yours": _("只能撤销自己的扫描"),
    "undo_too_late": _("超过 24 小时，请仓库管理人员撤销"),
    "id_conflict": _("编号重复，请重扫"),
    "too_many_movements": _("该单号的出入库记录过多"),
    "other_person": _("这些扫描不是您做的，请由本人登录后发送"),
}


def refusal(code: str, detail: str) -> str:
    """Return what a person reads of a refusal."""
    return str(REFUSALS.get(code, detail))

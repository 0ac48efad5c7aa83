"""What the codes of the fleet are called by people, and how they are drawn."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from huoji.core.conveyance import Doubt, PlateColour
from huoji.core.fleet import CommandKind, CommandState, ConveyanceKind, RunState, TerminalKind, TerminalState
from huoji.core.freshness import Freshness

Words = str | Promise
Look = tuple[str, str, Words]  # tone, icon, word: a state is never told by its colour alone

KINDS: Mapping[ConveyanceKind, Words] = {ConveyanceKind.VEHICLE: _("车辆"), ConveyanceKind.VESSEL: _("船舶")}

TERMINAL_KINDS: Mapping[TerminalKind, Words] = {
    TerminalKind.JT808: _("JT/T 808 车载终端"),
    TerminalKind.AIS: _("AIS 船载设备"),
    TerminalKind.SENSOR: _("传感器"),
    TerminalKind.HTTP: _("HTTP 接口上报"),
}
TERMINAL_STATES: Mapping[TerminalState, Look] = {
    TerminalState.PENDING: ("warn", "clock", _("待准入")),
    TerminalState.ACTIVE: ("good", "circle-check", _("已准入")),
    TerminalState.BLOCKED: ("bad", "ban", _("已停用")),
}
FRESHNESS: Mapping[Freshness, Look] = {
    Freshness.LIVE: ("good", "circle-dot", _("实时")),
    Freshness.STALE: ("warn", "clock-exclamation", _("位置已旧")),
    Freshness.LOST: ("bad", "alert-circle", _("失联")),
    Freshness.NEVER: ("calm", "circle-dashed", _("从未上报")),
}
PLATE_COLOURS: Mapping[PlateColour, Words] = {
    PlateColour.BLUE: _("蓝色"),
    PlateColour.YELLOW: _("黄色"),
    PlateColour.BLACK: _("黑色"),
    PlateColour.WHITE: _("白色"),
    PlateColour.GREEN: _("绿色"),
    PlateColour.YELLOW_GREEN: _("黄绿色"),
    PlateColour.OTHER: _("其他颜色"),
}
DOUBTS: Mapping[Doubt, Words] = {
    Doubt.PLATE_SHAPE: _("车牌号的样式不常见，请核对"),
    Doubt.IMO_SHAPE: _("IMO 编号应为 7 位数字，请核对"),
    Doubt.IMO_CHECK: _("IMO 编号的校验位不符，请核对"),
    Doubt.MMSI_SHAPE: _("MMSI 应为 9 位数字，请核对"),
    Doubt.MMSI_SHIP: _("该 MMSI 不是船台号码，请核对"),
}
FILTERS: Mapping[str, tuple[Words, Words]] = {
    "invalid": (_("未定位"), _("接收机没有定位，或坐标不在地球上")),
    "zero": (_("零点"), _("经纬度都是零")),
    "future": (_("未来时间"), _("时间比现在晚 10 分钟以上")),
    "ancient": (_("过旧时间"), _("时间早于 90 天前")),
    "duplicate": (_("重复"), _("与上一个点的时间和位置相同")),
    "jump": (_("跳点"), _("按时间推算的速度超过 250 公里/小时")),
    "static": (_("静止"), _("停车时的抖动，每 5 分钟仍保留一个点")),
}
# What a gateway refused of a terminal, by the codes that its counters and answers use as well.
REFUSED: Mapping[str, Words] = {
    "register_no_vehicle": _("注册：车牌与所装车辆不符"),
    "register_terminal_taken": _("注册：此号已由另一台设备注册"),
    "register_no_terminal": _("注册：终端未准入或已停用"),
    "check_sum": _("校验码不符"),
    "too_short": _("报文不完整"),
    "length": _("报文长度不符"),
    "parts": _("分包序号有误"),
    "value": _("字段的值有误"),
}
COMMAND_KINDS: Mapping[CommandKind, Words] = {
    CommandKind.LOCATE: _("立即上报位置"),
    CommandKind.TRACK: _("临时加密跟踪"),
    CommandKind.TEXT: _("下发文本"),
    CommandKind.SET_PARAMETERS: _("设置参数"),
    CommandKind.READ_PARAMETERS: _("读取参数"),
    CommandKind.CONFIRM_ALARM: _("人工确认报警"),
    CommandKind.SET_AREA: _("设置区域或路线"),
    CommandKind.DELETE_AREA: _("删除区域或路线"),
    CommandKind.LINK_TEST: _("链路检测"),
}
COMMAND_STATES: Mapping[CommandState, Look] = {
    CommandState.AWAITING_APPROVAL: ("warn", "users", _("等待第二人批准")),
    CommandState.QUEUED: ("calm", "clock", _("等待下发")),
    CommandState.SENT: ("move", "arrow-right", _("已下发，等待应答")),
    CommandState.DONE: ("good", "circle-check", _("终端已执行")),
    CommandState.FAILED: ("bad", "alert-circle", _("终端未执行")),
    CommandState.TIMED_OUT: ("bad", "clock-exclamation", _("超时无应答")),
    CommandState.CANCELLED: ("calm", "ban", _("已取消")),
}
RUN_STATES: Mapping[RunState, Words] = {
    RunState.UNDER_WAY: _("在途"),
    RunState.PLANNED: _("计划中"),
    RunState.ENDED: _("已结束"),
}
RISKS: Mapping[str, Look] = {
    "": ("calm", "help", _("风险未知")),
    "none": ("good", "circle-check", _("预计准时")),
    "low": ("warn", "clock-exclamation", _("可能延误")),
    "high": ("bad", "alert-triangle", _("很可能延误")),
}
LOADS: Mapping[int, Words] = {0: _("空车"), 1: _("半载"), 3: _("满载")}
ALARM_SOURCES: Mapping[str, Words] = {"terminal": _("终端上报"), "rule": _("系统判定")}
ALARMS: Mapping[str, Words] = {
    "offline": _("终端离线"),
    "off_route": _("偏离路线"),
    "stalled": _("长时间不动"),
    "temperature": _("温度越限"),
    "humidity": _("湿度越限"),
    "pressure": _("气压越限"),
    "door": _("箱门越限"),
    "shock": _("震动越限"),
    "emergency": _("紧急报警"),
    "overspeed": _("超速"),
    "fatigue": _("疲劳驾驶"),
    "danger": _("危险预警"),
    "gnss_fault": _("卫星定位模块故障"),
    "antenna_open": _("天线未接"),
    "antenna_short": _("天线短路"),
    "low_voltage": _("主电源欠压"),
    "power_loss": _("主电源掉电"),
    "display_fault": _("显示屏故障"),
    "tts_fault": _("语音模块故障"),
    "camera_fault": _("摄像头故障"),
    "ic_card_fault": _("IC 卡模块故障"),
    "overspeed_warning": _("超速预警"),
    "fatigue_warning": _("疲劳驾驶预警"),
    "violation": _("违规行驶"),
    "tyre_pressure": _("胎压预警"),
    "blind_zone": _("右转盲区异常"),
    "driving_time": _("当天累计驾驶超时"),
    "parking": _("超时停车"),
    "area": _("进出区域"),
    "route": _("进出路线"),
    "segment_time": _("路段行驶时间不足或过长"),
    "route_deviation": _("路线偏离"),
    "vss_fault": _("车速传感器故障"),
    "fuel": _("油量异常"),
    "stolen": _("车辆被盗"),
    "illegal_ignition": _("非法点火"),
    "illegal_move": _("非法位移"),
    "collision": _("碰撞预警"),
    "rollover": _("侧翻预警"),
    "door_open": _("非法开门"),
    "aground": _("搁浅"),
    "not_under_command": _("失控"),
    "sart": _("求救信号"),
}


def alarm_word(kind: str) -> Words:
    """Return what an alarm is called; a vendor's own keeps its code."""
    return ALARMS.get(kind, kind)

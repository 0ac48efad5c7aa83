"""What people read of exceptions: kinds, severities, states, causes, steps and the facts that come with them."""

from collections.abc import Mapping

from huoji.core.exception import CauseCode, ExceptionKind, ExceptionState, Severity, Step

Words = tuple[str, str]

KINDS: Mapping[ExceptionKind, Words] = {
    ExceptionKind.DELAY: ("延误", "Delay"),
    ExceptionKind.OFF_ROUTE: ("偏离路线", "Off route"),
    ExceptionKind.STALLED: ("停滞", "Stalled"),
    ExceptionKind.DAMAGE: ("货损", "Damage"),
    ExceptionKind.SHORTAGE: ("短少", "Shortage"),
    ExceptionKind.LOSS: ("丢失", "Loss"),
    ExceptionKind.TEMPERATURE: ("温度超限", "Temperature"),
    ExceptionKind.HUMIDITY: ("湿度超限", "Humidity"),
    ExceptionKind.PRESSURE: ("气压超限", "Pressure"),
    ExceptionKind.DOOR: ("箱门异常", "Door"),
    ExceptionKind.SHOCK: ("震动超限", "Shock"),
    ExceptionKind.OFFLINE: ("终端离线", "Terminal offline"),
    ExceptionKind.EMERGENCY: ("紧急情况", "Emergency"),
}

SEVERITIES: Mapping[Severity, Words] = {
    Severity.CRITICAL: ("紧急", "Critical"),
    Severity.MAJOR: ("重要", "Major"),
    Severity.MINOR: ("一般", "Minor"),
}

STATES: Mapping[ExceptionState, Words] = {
    ExceptionState.OPEN: ("待处理", "Open"),
    ExceptionState.ACKNOWLEDGED: ("处理中", "Acknowledged"),
    ExceptionState.CLEARED: ("已解除", "Cleared"),
}

CAUSES: Mapping[CauseCode, Words] = {
    CauseCode.WEATHER: ("天气", "Weather"),
    CauseCode.TRAFFIC: ("道路拥堵或事故", "Traffic or accident"),
    CauseCode.VEHICLE: ("车辆故障", "Vehicle breakdown"),
    CauseCode.VESSEL: ("船舶故障", "Vessel breakdown"),
    CauseCode.PORT: ("港口拥堵", "Port congestion"),
    CauseCode.CUSTOMS: ("海关", "Customs"),
    CauseCode.HANDLING: ("装卸操作", "Handling"),
    CauseCode.PACKAGING: ("包装", "Packaging"),
    CauseCode.EQUIPMENT: ("设备或终端", "Equipment or terminal"),
    CauseCode.PLANNING: ("计划或调度", "Planning"),
    CauseCode.CUSTOMER: ("收寄方原因", "Sender or recipient"),
    CauseCode.THIRD_PARTY: ("第三方", "Third party"),
    CauseCode.FORCE_MAJEURE: ("不可抗力", "Force majeure"),
    CauseCode.FALSE_ALARM: ("误报", "False alarm"),
    CauseCode.OTHER: ("其他", "Other"),
}

STEPS: Mapping[Step, Words] = {
    Step.OPENED: ("发现", "Opened"),
    Step.RAISED: ("升级", "Became graver"),
    Step.ACKNOWLEDGED: ("受理", "Acknowledged"),
    Step.CAUSE: ("登记原因", "Cause recorded"),
    Step.CLEARED: ("解除", "Cleared"),
}

# The facts that pages name, those in `_min` with the fitting unit; one that is not here is shown by its key, for whoever opened the exception chose it.
FACTS: Mapping[str, Words] = {
    "place": ("地点", "Place"),
    "pieces": ("件数", "Packages"),
    "piece": ("子件", "Piece"),
    "late_min": ("预计晚", "Expected late by"),
    "limit_low": ("下限", "Lower limit"),
    "limit_high": ("上限", "Upper limit"),
    "worst": ("最差读数", "Worst reading"),
    "value": ("读数", "Reading"),
    "measure": ("单位", "Measured in"),
    "minutes_outside": ("超限累计（分钟）", "Minutes outside the limits"),
    "distance_m": ("偏离距离（米）", "Distance from the route (m)"),
    "silent_min": ("静默", "Silent for"),
    "alarm": ("报警", "Alarm"),
    "lat": ("纬度", "Latitude"),
    "lon": ("经度", "Longitude"),
    "speed_kmh": ("速度（km/h）", "Speed (km/h)"),
}

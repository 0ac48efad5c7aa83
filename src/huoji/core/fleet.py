"""The words of live movement: what moves, what reports for it, what may be asked of a terminal, and how that stands."""

from enum import StrEnum


class ConveyanceKind(StrEnum):
    """A means of transport that positions are told of."""

    VEHICLE = "vehicle"
    VESSEL = "vessel"


class TerminalKind(StrEnum):
    """How a device speaks to us; its number is unique among its kind."""

    JT808 = "jt808"  # terminal number of the header, without leading zeros
    AIS = "ais"  # MMSI
    SENSOR = "sensor"  # a thermometer or logger by its own id
    HTTP = "http"  # anything that reports by the API


class TerminalState(StrEnum):
    """Whether a terminal may speak."""

    PENDING = "pending"  # came by itself and waits for a person
    ACTIVE = "active"
    BLOCKED = "blocked"


class RunState(StrEnum):
    """The life of a trip or a voyage."""

    PLANNED = "planned"
    UNDER_WAY = "under_way"
    ENDED = "ended"


class CommandState(StrEnum):
    """The life of what we ask of a terminal."""

    AWAITING_APPROVAL = "awaiting_approval"  # would redirect the terminal: a second person must agree
    QUEUED = "queued"
    SENT = "sent"
    DONE = "done"  # the terminal answered that it did
    FAILED = "failed"  # the terminal answered that it did not
    TIMED_OUT = "timed_out"
    CANCELLED = "cancelled"


class CommandKind(StrEnum):
    """What may be asked of a terminal. Cutting fuel or circuit is not among it, and never will be."""

    LOCATE = "locate"  # 0x8201
    TRACK = "track"  # 0x8202
    TEXT = "text"  # 0x8300
    SET_PARAMETERS = "set_parameters"  # 0x8103
    READ_PARAMETERS = "read_parameters"  # 0x8104, 0x8106
    CONFIRM_ALARM = "confirm_alarm"  # 0x8203
    SET_AREA = "set_area"  # 0x8600, 0x8602, 0x8604, 0x8606
    DELETE_AREA = "delete_area"  # 0x8601, 0x8603, 0x8605, 0x8607
    LINK_TEST = "link_test"  # 0x8204


class Metric(StrEnum):
    """What a sensor measures, always in the unit beside it."""

    TEMPERATURE = "temperature"  # degrees Celsius
    HUMIDITY = "humidity"  # per cent relative
    PRESSURE = "pressure"  # hPa
    DOOR = "door"  # 1 open, 0 closed
    SHOCK = "shock"  # g
    BATTERY = "battery"  # per cent
    LIGHT = "light"  # lux


METRICS = tuple(Metric)
METRIC_CODE = {metric: code for code, metric in enumerate(METRICS)}  # as stored; new ones go to the end
UNITS = {
    Metric.TEMPERATURE: "°C", Metric.HUMIDITY: "%", Metric.PRESSURE: "hPa", Metric.DOOR: "", Metric.SHOCK: "g",
    Metric.BATTERY: "%", Metric.LIGHT: "lx",
}  # fmt: skip

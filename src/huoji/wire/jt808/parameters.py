"""Parameters of a terminal by number: which there are, how they are written, and which could lead a terminal away from us."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Self

from huoji.wire.jt808.faults import Code, MessageError
from huoji.wire.jt808.fields import BYTE_MAX, Reader, read_text, write_text
from huoji.wire.jt808.header import Version
from huoji.wire.jt808.message import Empty

_KINDS = {"byte": 1, "word": 2, "dword": 4}

# JT/T 808-2013 and 2019, table 12: number: name, kind
KNOWN: dict[int, tuple[str, str]] = {
    0x0001: ("heartbeat_interval_s", "dword"),
    0x0002: ("tcp_timeout_s", "dword"),
    0x0003: ("tcp_retries", "dword"),
    0x0004: ("udp_timeout_s", "dword"),
    0x0005: ("udp_retries", "dword"),
    0x0006: ("sms_timeout_s", "dword"),
    0x0007: ("sms_retries", "dword"),
    0x0010: ("main_apn", "text"),
    0x0011: ("main_user", "text"),
    0x0012: ("main_password", "text"),
    0x0013: ("main_server", "text"),
    0x0014: ("backup_apn", "text"),
    0x0015: ("backup_user", "text"),
    0x0016: ("backup_password", "text"),
    0x0017: ("backup_server", "text"),
    0x0018: ("tcp_port", "dword"),
    0x0019: ("udp_port", "dword"),
    0x001A: ("card_server", "text"),
    0x001B: ("card_tcp_port", "dword"),
    0x001C: ("card_udp_port", "dword"),
    0x001D: ("card_backup_server", "text"),
    0x0020: ("report_strategy", "dword"),
    0x0021: ("report_scheme", "dword"),
    0x0022: ("report_interval_signed_out_s", "dword"),
    0x0023: ("slave_apn", "text"),
    0x0024: ("slave_user", "text"),
    0x0025: ("slave_password", "text"),
    0x0026: ("slave_server", "text"),
    0x0027: ("report_interval_asleep_s", "dword"),
    0x0028: ("report_interval_emergency_s", "dword"),
    0x0029: ("report_interval_s", "dword"),
    0x002C: ("report_distance_m", "dword"),
    0x002D: ("report_distance_signed_out_m", "dword"),
    0x002E: ("report_distance_asleep_m", "dword"),
    0x002F: ("report_distance_emergency_m", "dword"),
    0x0030: ("turn_angle_deg", "dword"),
    0x0031: ("fence_radius_m", "word"),
    0x0032: ("forbidden_hours", "bytes"),
    0x0040: ("platform_phone", "text"),
    0x0041: ("reset_phone", "text"),
    0x0042: ("factory_reset_phone", "text"),
    0x0043: ("sms_phone", "text"),
    0x0044: ("sms_alarm_phone", "text"),
    0x0045: ("answer_strategy", "dword"),
    0x0046: ("call_max_s", "dword"),
    0x0047: ("call_month_max_s", "dword"),
    0x0048: ("listen_phone", "text"),
    0x0049: ("privileged_sms", "text"),
    0x0050: ("alarm_mask", "dword"),
    0x0051: ("alarm_sms", "dword"),
    0x0052: ("alarm_picture", "dword"),
    0x0053: ("alarm_picture_kept", "dword"),
    0x0054: ("alarm_key", "dword"),
    0x0055: ("speed_max_kmh", "dword"),
    0x0056: ("overspeed_s", "dword"),
    0x0057: ("driving_max_s", "dword"),
    0x0058: ("driving_day_max_s", "dword"),
    0x0059: ("rest_min_s", "dword"),
    0x005A: ("parking_max_s", "dword"),
    0x005B: ("overspeed_warning_tenth_kmh", "word"),
    0x005C: ("fatigue_warning_s", "word"),
    0x005D: ("collision", "word"),
    0x005E: ("rollover_deg", "word"),
    0x0064: ("picture_by_time", "dword"),
    0x0065: ("picture_by_distance", "dword"),
    0x0070: ("picture_quality", "dword"),
    0x0071: ("brightness", "dword"),
    0x0072: ("contrast", "dword"),
    0x0073: ("saturation", "dword"),
    0x0074: ("chroma", "dword"),
    0x0080: ("odometer_tenth_km", "dword"),
    0x0081: ("province", "word"),
    0x0082: ("city", "word"),
    0x0083: ("plate", "text"),
    0x0084: ("plate_colour", "byte"),
    0x0090: ("gnss_mode", "byte"),
    0x0091: ("gnss_baud", "byte"),
    0x0092: ("gnss_output", "byte"),
    0x0093: ("gnss_rate", "dword"),
    0x0094: ("gnss_upload", "byte"),
    0x0095: ("gnss_upload_setting", "dword"),
    0x0100: ("can1_rate_ms", "dword"),
    0x0101: ("can1_upload_s", "word"),
    0x0102: ("can2_rate_ms", "dword"),
    0x0103: ("can2_upload_s", "word"),
    0x0110: ("can_id", "bytes"),
}

# Whoever can set these can make a terminal talk to somebody else: address, port, access point, who may order by SMS, and who is
# told its alarms by SMS.
REDIRECTING = frozenset(
    {*range(0x0010, 0x001E), *range(0x0023, 0x0027), 0x0040, 0x0041, 0x0042, 0x0043, 0x0044, 0x0048, 0x0049}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A number and its bytes; `value` reads those that are known and of the right length."""

    number: int
    data: bytes

    @property
    def name(self) -> str:
        return KNOWN[self.number][0] if self.number in KNOWN else f"0x{self.number:04x}"

    @property
    def redirects(self) -> bool:
        return self.number in REDIRECTING

    @property
    def value(self) -> int | str | bytes:
        kind = KNOWN.get(self.number, ("", "bytes"))[1]
        if kind == "text":
            return read_text(self.data)
        return int.from_bytes(self.data) if _KINDS.get(kind) == len(self.data) else self.data


def make_parameter(number: int, value: int | str | bytes) -> Parameter:
    """Write a value as the parameter of that number needs it."""
    name, kind = KNOWN.get(number, (f"0x{number:04x}", "bytes"))
    match kind, value:
        case "text", str():
            return Parameter(number=number, data=write_text(value))
        case (("byte" | "word" | "dword"), int()) if 0 <= value < 1 << 8 * _KINDS[kind]:
            return Parameter(number=number, data=value.to_bytes(_KINDS[kind]))
        case "bytes", bytes():
            return Parameter(number=number, data=value)
        case _:
            raise MessageError(Code.UNWRITABLE, f"{value!r} is no value of {name} ({kind})", where=name)


def _read_all(reader: Reader, count: int) -> Iterator[Parameter]:
    """Read as many as there are: some terminals count wrongly."""
    for _ in range(count):
        if not reader.left:
            return
        number = reader.dword()
        yield Parameter(number=number, data=reader.take(reader.byte()))


def _write_all(parameters: tuple[Parameter, ...]) -> bytes:
    long = next((each for each in parameters if len(each.data) > BYTE_MAX), None)
    if long is not None or len(parameters) > BYTE_MAX:
        what = f"has more than {BYTE_MAX} bytes" if long else f"are more than {BYTE_MAX}"
        raise MessageError(Code.UNWRITABLE, what, where=long.name if long else "parameters")
    items = (each.number.to_bytes(4) + bytes([len(each.data)]) + each.data for each in parameters)
    return bytes([len(parameters)]) + b"".join(items)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetParameters:
    """0x8103."""

    ID: ClassVar[int] = 0x8103
    parameters: tuple[Parameter, ...]

    @classmethod
    def read(cls, body: bytes, _version: Version) -> Self:
        reader = Reader(body)
        return cls(parameters=tuple(_read_all(reader, reader.byte())))

    def write(self, _version: Version) -> bytes:
        return _write_all(self.parameters)


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryParameters(Empty):
    """0x8104: all of them."""

    ID: ClassVar[int] = 0x8104


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryTheseParameters:
    """0x8106: those that are named."""

    ID: ClassVar[int] = 0x8106
    numbers: tuple[int, ...]

    @classmethod
    def read(cls, body: bytes, _version: Version) -> Self:
        reader = Reader(body)
        return cls(numbers=tuple(reader.dword() for _ in range(reader.byte())))

    def write(self, _version: Version) -> bytes:
        if len(self.numbers) > BYTE_MAX:
            raise MessageError(Code.UNWRITABLE, f"are more than {BYTE_MAX}", where="numbers")
        return bytes([len(self.numbers)]) + b"".join(number.to_bytes(4) for number in self.numbers)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParametersAnswer:
    """0x0104."""

    ID: ClassVar[int] = 0x0104
    answer_serial: int
    parameters: tuple[Parameter, ...]

    @classmethod
    def read(cls, body: bytes, _version: Version) -> Self:
        reader = Reader(body)
        return cls(answer_serial=reader.word(), parameters=tuple(_read_all(reader, reader.byte())))

    def write(self, _version: Version) -> bytes:
        return self.answer_serial.to_bytes(2) + _write_all(self.parameters)

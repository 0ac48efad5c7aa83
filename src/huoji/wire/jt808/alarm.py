"""The bits of alarm and status words by name, and how long an alarm stands."""

from enum import IntEnum

LOAD_SHIFT, LOAD_BITS = 8, 0x3


class Alarm(IntEnum):
    """A bit of the alarm word."""

    EMERGENCY = 0
    OVERSPEED = 1
    FATIGUE = 2
    DANGER = 3
    GNSS_FAULT = 4
    ANTENNA_OPEN = 5
    ANTENNA_SHORT = 6
    LOW_VOLTAGE = 7
    POWER_LOSS = 8
    DISPLAY_FAULT = 9
    TTS_FAULT = 10
    CAMERA_FAULT = 11
    IC_CARD_FAULT = 12
    OVERSPEED_WARNING = 13
    FATIGUE_WARNING = 14
    VIOLATION_WARNING = 15  # 2019
    TYRE_WARNING = 16  # 2019
    BLIND_ZONE = 17  # 2019
    DAILY_DRIVING = 18
    PARKED_TOO_LONG = 19
    AREA = 20
    ROUTE = 21
    SEGMENT_TIME = 22
    OFF_ROUTE = 23
    VSS_FAULT = 24
    FUEL = 25
    STOLEN = 26
    ILLEGAL_IGNITION = 27
    ILLEGAL_MOVE = 28
    COLLISION = 29
    ROLLOVER = 30
    ILLEGAL_DOOR = 31


# The terminal clears these when we have answered. All others are held until their cause is gone.
CLEARED_BY_ANSWER = frozenset({
    Alarm.EMERGENCY,
    Alarm.DANGER,
    Alarm.AREA,
    Alarm.ROUTE,
    Alarm.SEGMENT_TIME,
    Alarm.ILLEGAL_IGNITION,
    Alarm.ILLEGAL_MOVE,
    Alarm.ILLEGAL_DOOR,
})  # fmt: skip


class Status(IntEnum):
    """A bit of the status word, apart from the two bits of load."""

    ACC_ON = 0
    POSITIONED = 1
    SOUTH = 2
    WEST = 3
    OUT_OF_SERVICE = 4
    ENCRYPTED = 5  # the coordinates have been shifted by a plug-in
    COLLISION_WARNING = 6  # 2019
    LANE_WARNING = 7  # 2019
    FUEL_CUT = 10
    CIRCUIT_CUT = 11
    LOCKED = 12
    FRONT_DOOR = 13
    MIDDLE_DOOR = 14
    BACK_DOOR = 15
    DRIVER_DOOR = 16
    OTHER_DOOR = 17
    GPS = 18
    BEIDOU = 19
    GLONASS = 20
    GALILEO = 21
    MOVING = 22  # 2019


class Load(IntEnum):
    EMPTY = 0
    HALF = 1
    RESERVED = 2
    FULL = 3


def alarms(word: int) -> tuple[Alarm, ...]:
    return tuple(each for each in Alarm if word >> each & 1)


def statuses(word: int) -> tuple[Status, ...]:
    """Name the bits that are set; those that makers add are left out."""
    return tuple(each for each in Status if word >> each & 1)


def load(word: int) -> Load:
    return Load(word >> LOAD_SHIFT & LOAD_BITS)

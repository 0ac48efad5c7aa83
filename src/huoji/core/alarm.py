"""What the alarms of a road terminal are called, by the bit of its alarm word, and those that our own rules raise."""

KINDS = (
    "emergency", "overspeed", "fatigue", "danger", "gnss_fault", "antenna_open", "antenna_short", "low_voltage",
    "power_loss", "display_fault", "tts_fault", "camera_fault", "ic_card_fault", "overspeed_warning", "fatigue_warning",
    "violation", "tyre_pressure", "blind_zone", "driving_time", "parking", "area", "route", "segment_time",
    "route_deviation", "vss_fault", "fuel", "stolen", "illegal_ignition", "illegal_move", "collision", "rollover",
    "door_open",
)  # fmt: skip
"""JT/T 808-2019 table 24, bit 0 first."""

WORD = (1 << len(KINDS)) - 1
EMERGENCY = KINDS[0]
OFFLINE = "offline"
OFF_ROUTE = "off_route"
AGROUND, NOT_UNDER_COMMAND, SART = "aground", "not_under_command", "sart"  # of vessels, by their navigational status
EMERGENCIES = frozenset({EMERGENCY, AGROUND, NOT_UNDER_COMMAND, SART})


def kinds_of(bits: int) -> tuple[str, ...]:
    """Name the bits that are set."""
    return tuple(kind for bit, kind in enumerate(KINDS) if bits >> bit & 1)

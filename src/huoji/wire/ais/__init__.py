"""AIS (ITU-R M.1371) in NMEA 0183 lines: positions, static and voyage data of ships; pyais unpacks the bits."""

from huoji.wire.ais.model import Eta, Heard, Odd, Oddity, Other, Position, Static, Station
from huoji.wire.ais.moment import at_s
from huoji.wire.ais.payload import BEACONS, VOYAGE
from huoji.wire.ais.reader import BUFFER_BYTES_MAX, PART_WAIT_S, PENDING_MAX, Lines, Reader
from huoji.wire.ais.sentence import LINE_BYTES_MAX

__all__ = [
    "BEACONS", "BUFFER_BYTES_MAX", "LINE_BYTES_MAX", "PART_WAIT_S", "PENDING_MAX", "VOYAGE", "Eta", "Heard", "Lines", "Odd", "Oddity", "Other", "Position",
    "Reader", "Static", "Station", "at_s",
]  # fmt: skip

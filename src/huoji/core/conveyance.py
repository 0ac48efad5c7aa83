"""What vehicles and vessels are called: plates, IMO numbers and MMSI, brought into one form and doubted by their shape, never refused for it."""

import re
import unicodedata
from enum import IntEnum, StrEnum

PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
LETTERS = "A-HJ-NP-Z"  # no I and no O
_DECORATION = re.compile(r"[^0-9A-Z\u4e00-\u9fff]+")
_PLATE = re.compile(
    f"[{PROVINCES}][{LETTERS}](?:"
    f"[{LETTERS}0-9]{{4}}[{LETTERS}0-9挂学警港澳]"  # five places; trailer, school, police, to Hong Kong or Macau
    f"|[A-HJK][{LETTERS}0-9][0-9]{{4}}"  # new energy, small
    f"|[0-9]{{5}}[A-HJK]"  # new energy, large
    ")"
    r"|WJ[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼]?[0-9A-Z]{5}"  # armed police
    f"|[{LETTERS}]{{2}}[0-9]{{5}}"  # army
    r"|[0-9]{6}使|[0-9]{6}领"
)
IMO_DIGITS, MMSI_DIGITS = 7, 9
PLATE_LENGTH_MAX, NAME_LENGTH_MAX = 16, 80


class PlateColour(IntEnum):
    """The colour of a plate as JT/T 415 counts it: two vehicles may bear the same letters in different colours."""

    BLUE = 1
    YELLOW = 2
    BLACK = 3
    WHITE = 4
    GREEN = 5  # new energy
    YELLOW_GREEN = 94  # new energy, large; written so by terminals of 2019
    OTHER = 9


class Doubt(StrEnum):
    """What looks wrong with a number that is kept nevertheless: registers are full of exceptions."""

    PLATE_SHAPE = "plate_shape"
    IMO_SHAPE = "imo_shape"
    IMO_CHECK = "imo_check"
    MMSI_SHAPE = "mmsi_shape"
    MMSI_SHIP = "mmsi_ship"  # the number of a coast station, an aircraft or a buoy


def plate(text: str) -> str:
    """Return a plate as it is kept: wide letters narrow, capitals, without dots and blanks."""
    return _DECORATION.sub("", unicodedata.normalize("NFKC", text).upper())[:PLATE_LENGTH_MAX]


def digits(text: str) -> str:
    """Return the digits of an IMO number or MMSI, however it was written (`IMO 907 4729`)."""
    return re.sub(r"^IMO|[\s\-]", "", unicodedata.normalize("NFKC", text).strip().upper())


def doubts(*, plate: str = "", imo: str = "", mmsi: str = "") -> list[Doubt]:
    """Return what looks wrong with the numbers of a conveyance."""
    found = []
    if plate and not _PLATE.fullmatch(plate):
        found.append(Doubt.PLATE_SHAPE)
    if imo and not (imo.isascii() and imo.isdigit() and len(imo) == IMO_DIGITS):
        found.append(Doubt.IMO_SHAPE)
    elif imo and not is_imo(imo):
        found.append(Doubt.IMO_CHECK)
    if mmsi and not (mmsi.isascii() and mmsi.isdigit() and len(mmsi) == MMSI_DIGITS):
        found.append(Doubt.MMSI_SHAPE)
    elif mmsi and mmsi[0] not in "234567":
        found.append(Doubt.MMSI_SHIP)
    return found


def is_imo(number: str) -> bool:
    """Tell whether the check digit holds: the first six digits times 7 to 2, last digit of the sum (`9074729`)."""
    if not (number.isascii() and number.isdigit() and len(number) == IMO_DIGITS):
        return False
    return sum(int(digit) * weight for digit, weight in zip(number, range(7, 1, -1), strict=False)) % 10 == int(
        number[-1]
    )

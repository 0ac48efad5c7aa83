"""When a road terminal that registers again may have its authentication code again: if it is, by all it says, the same one.

The number it speaks under is printed on SIM cards and stands in every message: who knows it is not therefore the terminal.
"""

import unicodedata
from collections.abc import Mapping
from typing import Any, NamedTuple, Self

NO_PLATE = 0  # the colour that says: what follows is the VIN of a vehicle without a plate


class Said(NamedTuple):
    """What a terminal says of itself when it registers; a plate as `plate_key` compares it, or a VIN."""

    maker: str = ""
    model: str = ""
    device_id: str = ""
    plate: str = ""
    colour: int = NO_PLATE

    @classmethod
    def kept(cls, row: Mapping[str, Any]) -> Self:
        """Return it from what was kept of it."""
        return cls(**{field: row[field] for field in cls._fields if field in row})


def plate_key(text: str) -> str:
    """Return the form in which plates are compared: half-width capitals without dots and blanks."""
    return "".join(char for char in unicodedata.normalize("NFKC", text).upper() if char.isalnum())


def contradicts(said: Said, *, fitted: str) -> bool:
    """Tell whether a terminal names another vehicle than the one it is fitted to; a VIN contradicts no plate."""
    return bool(said.plate and fitted and said.colour != NO_PLATE and said.plate != fitted)


def is_the_same(said: Said, before: Said, *, fitted: str) -> bool:
    """Tell whether a terminal says again all that it said when it was given its code, something by which it is told apart among it.

    A plate may have become that of the vehicle to which it is fitted now; maker and model alone are those of thousands.
    """
    if before.maker != said.maker or before.model != said.model or before.device_id != said.device_id:
        return False
    same_plate = (said.plate, said.colour) == (before.plate, before.colour) or bool(fitted and said.plate == fitted)
    return (same_plate or not before.plate) and bool(said.device_id or (said.plate and same_plate))

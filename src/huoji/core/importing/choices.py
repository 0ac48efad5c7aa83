"""What people choose about a whole table; light, so that the command line knows it before anything else is loaded."""

from enum import StrEnum


class Makes(StrEnum):
    """What the rows are."""

    SHIPMENTS = "shipments"  # shipments, with whatever happened to them
    EVENTS = "events"  # only what happened to shipments that are known already, or will be


class DateOrder(StrEnum):
    """In which order a date such as 03/04/2026 is written."""

    DAY_FIRST = "dmy"
    MONTH_FIRST = "mdy"


class DecimalSign(StrEnum):
    """Which sign parts the fraction from the whole."""

    POINT = "."
    COMMA = ","

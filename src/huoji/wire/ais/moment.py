"""When a position was taken: the time told with the line, or that of its receipt, moved to the second the ship names."""

MINUTE_S = 60
AHEAD_S = 5  # the clock of the receiver may be that much behind the ship's


def at_s(base_s: float, second: int | None) -> int:
    """Return seconds since 1970: the last moment not after the base whose second of the minute is the one named.

    Two stations that hear one message at slightly different times give it the same moment, so that it is one point.
    """
    if second is None:
        return int(base_s)
    latest = int(base_s) + AHEAD_S
    return latest - (latest - second) % MINUTE_S

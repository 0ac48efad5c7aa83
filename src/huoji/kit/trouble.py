"""What an error of the database means for who wanted something of it, decided here for all, by its SQLSTATE.

Some errors say nothing of what was to be stored: the database is away, has no room, or was busy with others. Then the same
is right a while later. All others (a value that no column takes, a missing table, a bug) stay what they are however often it is tried.
"""

from collections.abc import Mapping
from enum import Enum

import psycopg
from django import db

ERRORS = (db.Error, psycopg.Error)
_OF_CONNECTIONS = (db.OperationalError, db.InterfaceError, psycopg.OperationalError, psycopg.InterfaceError)


class Trouble(Enum):
    """What the database has of its own, and what helps."""

    AWAY = "away"  # it does not answer, or serves nobody now: wait
    NO_ROOM = "no room"  # on its disk, in its memory, for another connection: wait, and somebody must look
    BUSY = "busy"  # others stood in the way, or it took too long: again, or less at once


# The beginning of the SQLSTATE; the longest that fits decides.
_BY_STATE: Mapping[str, Trouble | None] = {
    "08": Trouble.AWAY,  # connection
    "28": Trouble.AWAY,  # refused to us: somebody changes the password or pg_hba.conf
    "3D": Trouble.AWAY,  # no such database: it is being restored
    "57P": Trouble.AWAY,  # shut down, crashed, starting
    "25006": Trouble.AWAY,  # read only: a standby that is not promoted yet
    "53": Trouble.NO_ROOM,
    "58": Trouble.NO_ROOM,  # the system under it: input, output, files
    "40": Trouble.BUSY,  # deadlock, serialisation
    "55P03": Trouble.BUSY,  # lock timeout
    "57014": Trouble.BUSY,  # statement timeout, or cancelled by a person
    "25P03": Trouble.BUSY,  # idle in its transaction for too long
    "25P04": Trouble.BUSY,  # transaction timeout
}
_LENGTHS = (5, 3, 2)


def of(error: BaseException | None) -> Trouble | None:
    """Return the trouble that the database has itself, or None: then it is the thing's own, and waiting does not help."""
    wrong = error if isinstance(error, psycopg.Error) else getattr(error, "__cause__", None)
    state = wrong.sqlstate if isinstance(wrong, psycopg.Error) else None
    if state is None:  # nobody was there to give one
        return Trouble.AWAY if isinstance(error, _OF_CONNECTIONS) else None
    return next((_BY_STATE[state[:length]] for length in _LENGTHS if state[:length] in _BY_STATE), None)


def passes(error: BaseException | None) -> bool:
    """Tell whether the same may be right a while later."""
    return of(error) is not None

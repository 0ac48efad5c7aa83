"""Tables of the fleet, private to the app: what moves, the terminals that report it, where everything was, and what is asked."""

from huoji.apps.fleet.models.conveyance import Conveyance, VesselTold
from huoji.apps.fleet.models.position import FilteredPosition, LastPosition, Position, Reading
from huoji.apps.fleet.models.run import Learnt, Run, RunStop
from huoji.apps.fleet.models.talk import Alarm, Command, Media, TerminalReport
from huoji.apps.fleet.models.terminal import Contact, Fitting, Terminal

__all__ = [
    "Alarm",
    "Command",
    "Contact",
    "Conveyance",
    "FilteredPosition",
    "Fitting",
    "LastPosition",
    "Learnt",
    "Media",
    "Position",
    "Reading",
    "Run",
    "RunStop",
    "Terminal",
    "TerminalReport",
    "VesselTold",
]

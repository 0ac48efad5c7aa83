"""Tables of shipments, private to the app: what is carried, what was told of it, what is derived from that."""

from huoji.apps.shipments.models.cargo import Leg, Link, Order, Party, Reference, Unit, Waybill
from huoji.apps.shipments.models.desk import FailedTry, KeptDraft, SavedView
from huoji.apps.shipments.models.event import Event, Evidence, Mention, Parked
from huoji.apps.shipments.models.exception import CargoException, ExceptionStep
from huoji.apps.shipments.models.intake import Batch, Mapping, Source
from huoji.apps.shipments.models.outlook import Outlook, OutlookDue, OutlookStep
from huoji.apps.shipments.models.prior import Prior, PriorParty
from huoji.apps.shipments.models.snapshot import Snapshot
from huoji.apps.shipments.models.story import Custody, StaleStory, State, Story, Touch
from huoji.apps.shipments.models.watch import Excursion, Watch

__all__ = [
    "Batch",
    "CargoException",
    "Custody",
    "Event",
    "Evidence",
    "ExceptionStep",
    "Excursion",
    "FailedTry",
    "KeptDraft",
    "Leg",
    "Link",
    "Mapping",
    "Mention",
    "Order",
    "Outlook",
    "OutlookDue",
    "OutlookStep",
    "Parked",
    "Party",
    "Prior",
    "PriorParty",
    "Reference",
    "SavedView",
    "Snapshot",
    "Source",
    "StaleStory",
    "State",
    "Story",
    "Touch",
    "Unit",
    "Watch",
    "Waybill",
]

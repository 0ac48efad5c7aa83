"""The one answer to "where is it?": what every door (page, API, console) renders, cut to its audience."""

from enum import StrEnum

import msgspec

from huoji.core.milestone import Classifier, Line, Milestone, Mode, Reason, Status
from huoji.core.moment import Moment
from huoji.core.sight import Outlook, Whereabouts


class Audience(StrEnum):
    """Who reads the answer; each sees all that the one before it sees."""

    BARE = "bare"  # a number alone
    VERIFIED = "verified"  # number and the last 4 digits of a party's phone
    PARTY = "party"  # a customer's or partner's key
    STAFF = "staff"


class Flag(StrEnum):
    """What is odd about an entry; it is kept and said, never hidden."""

    FUTURE = "future"  # dated after we received it, beyond clock tolerance
    ANCIENT = "ancient"  # a clock that was reset
    JUMP = "jump"  # the step before it cannot lead here
    LATE = "late"  # told to us long after it happened
    UNMAPPED = "unmapped"  # the source's code has no meaning here
    INFERRED = "inferred"  # read out of free text, not told by a code


class StageState(StrEnum):
    """Where one of the five stages of the strip stands."""

    DONE = "done"
    CURRENT = "current"
    AHEAD = "ahead"


class Entry(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One line of the timeline. `gap_min`: minutes of silence before it when longer than the line's threshold, else 0."""

    when: Moment
    recorded: Moment | None = None  # staff alone see when we were told
    classifier: Classifier
    milestone: Milestone
    reason: Reason = Reason.NONE
    place: str = ""
    place_id: int | None = None
    next_place: str = ""
    mode: Mode = Mode.UNKNOWN
    via: str = ""  # the vehicle, vessel or container that told it, when not the waybill itself
    source: str = ""
    flags: frozenset[Flag] = frozenset()
    gap_min: int = 0
    event_id: int = 0


class Stop(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One place of the schematic route strip, in order of travel."""

    place: str
    state: StageState
    when: Moment | None = None
    planned: Moment | None = None


class PartyView(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A party as this audience may see it; `role` is shipper, consignee, notify, booking_agent or carrier_agent."""

    role: str
    name: str
    phone: str = ""
    address: str = ""


class Link(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Another number of the same story: returned_as, return_of, forwarded_as, forward_of, piece, container, bill."""

    relation: str
    number: str


class Proof(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Proof of delivery: who signed (masked) and the stored pictures."""

    signed_by: str = ""
    blobs: tuple[str, ...] = ()


class Answer(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The story of one number as its reader may know it; entries newest first."""

    number: str
    audience: Audience
    line: Line
    status: Status
    reason: Reason = Reason.NONE
    status_since: Moment | None = None
    stages: tuple[StageState, ...] = ()  # pickup, sorting, transport, delivery, signed
    percent: int = 0
    expected: Moment | None = None
    expected_classifier: Classifier | None = None
    late_min: int = 0  # how much later than planned, 0 when on time or unknown
    updated: Moment | None = None  # the newest actual event
    stale: bool = False  # silent longer than the line's threshold
    stops: tuple[Stop, ...] = ()
    entries: tuple[Entry, ...] = ()
    pieces_total: int = 1
    pieces_delivered: int = 0
    vehicle: str = ""  # vessel and voyage, or truck trip, while aboard
    position: Whereabouts | None = None  # of what carries it, while it is aboard
    outlook: Outlook | None = None  # what we expect ourselves; `expected` is what others told
    links: tuple[Link, ...] = ()
    parties: tuple[PartyView, ...] = ()
    proof: Proof | None = None
    can_verify: bool = False
    unit_id: int = 0  # names the topic of live changes; never shown

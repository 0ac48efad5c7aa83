"""The words of recording: who writes from where, and what became of each item."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from huoji.apps.shipments.actions import units
from huoji.apps.shipments.queries.sources import SourceRow
from huoji.core.permission import Actor


class Result(StrEnum):
    """What became of one item."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    REVISION = "revision"
    PARKED = "parked"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer to one item of a batch."""

    result: Result
    code: str = ""
    detail: str = ""
    unit_id: int = 0
    event_id: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """Who records, from which source, and when.

    `is_live` says of a batch that its events are told as they happen, so that their lag means something; `revives` lets a repeat bring back what its own source took back; `lists_all` takes back what the source told of these
    units before and does not tell now; `labels` says what people call units that come into being here.
    """

    actor: Actor
    source: SourceRow
    now: datetime
    batch_id: int | None = None
    dataset: str = ""
    is_live: bool = False
    revives: bool = False
    lists_all: bool = False
    labels: Mapping[units.Key, str] = field(default_factory=dict)

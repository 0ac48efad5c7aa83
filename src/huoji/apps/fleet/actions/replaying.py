"""Replay where somebody drove: only with the permission, for a purpose, within bounds, and with a row in the audit."""

from dataclasses import dataclass
from datetime import datetime

from huoji.apps.accounts import actions as accounts
from huoji.apps.fleet.actions.refusals import refuse
from huoji.apps.fleet.queries import conveyances, tracks
from huoji.core.permission import Actor, Permission
from huoji.core.track import Track


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """What was seen of a conveyance between two moments; `was_cut` tells that there was more than one replay shows."""

    since: datetime
    until: datetime
    track: Track
    was_cut: bool


def replay(actor: Actor, *, conveyance_id: int, since: datetime, until: datetime, purpose: str) -> Replay:
    """Return the track of a conveyance; who looked, at what and why is written down first."""
    accounts.require(actor, Permission.TRACK_REPLAY)
    row = conveyances.get(actor, conveyance_id=conveyance_id)
    if not purpose.strip():
        raise refuse("purpose_needed")
    if until <= since:
        raise refuse("track_span_empty")
    if until - since > tracks.SPAN_MAX:
        raise refuse("track_span_too_long")
    accounts.record_audit(
        actor,
        verb="track.replay",
        target=f"conveyance:{conveyance_id}",
        cause=purpose.strip(),
        changed={"from": f"{since:%Y-%m-%dT%H:%M:%S%z}", "to": f"{until:%Y-%m-%dT%H:%M:%S%z}"},
        dataset=row.dataset,
    )
    found, was_cut = tracks.of_conveyance(conveyance_id, since=since, until=until)
    return Replay(since=since, until=until, track=found, was_cut=was_cut)

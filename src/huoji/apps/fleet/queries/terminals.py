"""Read terminals: which may speak, when each was last heard of, and what was set aside of what it sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from huoji.apps.fleet.models import Contact, Terminal
from huoji.core import conveyance as rules
from huoji.core.fleet import ConveyanceKind, TerminalKind, TerminalState
from huoji.core.freshness import Freshness, freshness
from huoji.core.permission import Actor, Permission
from huoji.core.position import FILTERS
from huoji.kit import paging
from huoji.kit.paging import page
from huoji.kit.problem import Problem

STORED = "stored"  # among what is counted of a terminal; the others are filters by name and refusals by code


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """When a terminal was last heard of, by which connection, and what was counted."""

    last_at: datetime | None = None
    connected_at: datetime | None = None
    disconnected_at: datetime | None = None
    gateway: str = ""
    peer: str = ""
    received: int = 0
    filtered: Mapping[str, int] = field(default_factory=dict)
    refused: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_connected(self) -> bool:
        """Whether a gateway holds a connection to it now."""
        return self.connected_at is not None and (
            self.disconnected_at is None or self.disconnected_at < self.connected_at
        )

    @property
    def filtered_count(self) -> int:
        return sum(self.filtered.values())

    @property
    def refused_count(self) -> int:
        return sum(self.refused.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class TerminalLine:
    """A terminal as pages show it; its authentication code is not among it."""

    id: int
    kind: TerminalKind
    number: str
    state: TerminalState
    conveyance_id: int | None
    conveyance: str
    forced_version: int | None
    dialect: str
    filters_off: list[str]
    maker: str
    model: str
    device_id: str
    imei: str
    firmware: str
    version: int | None
    has_code: bool
    register_until: datetime | None
    created_at: datetime
    heard: Heard
    freshness: Freshness


@dataclass(frozen=True, slots=True, kw_only=True)
class TerminalPage:
    """One page of terminals and the cursor of the page after it."""

    rows: list[TerminalLine]
    next: str


def visible_to(actor: Actor) -> QuerySet[Terminal]:
    """Return the terminals an actor may see: all of them for who sees the fleet."""
    rows = Terminal.objects.select_related("conveyance", "contact")
    return rows if actor.may(Permission.FLEET_VIEW) else rows.none()


def heard_of(row: Terminal) -> Heard:
    """Return what is known of a terminal's contact, which has a row only once it spoke."""
    contact: Contact | None = getattr(row, "contact", None)
    if contact is None:
        return Heard()
    counts: Mapping[str, int] = contact.counts
    filtered = {name: counts[name] for name in FILTERS if counts.get(name)}
    stored = counts.get(STORED, 0)
    refused = {code: count for code, count in counts.items() if code != STORED and code not in FILTERS}
    return Heard(
        last_at=contact.last_at,
        connected_at=contact.connected_at,
        disconnected_at=contact.disconnected_at,
        gateway=contact.gateway,
        peer=contact.peer,
        received=stored + sum(filtered.values()),
        filtered=filtered,
        refused=refused,
    )


def line_of(row: Terminal, *, now: datetime) -> TerminalLine:
    """Return a row as pages show it."""
    fitted = row.conveyance
    kind = ConveyanceKind(fitted.kind) if fitted else ConveyanceKind.VEHICLE
    heard = heard_of(row)
    return TerminalLine(
        id=row.pk,
        kind=TerminalKind(row.kind),
        number=row.number,
        state=TerminalState(row.state),
        conveyance_id=row.conveyance_id,
        conveyance=(fitted.plate or fitted.name or fitted.imo or fitted.mmsi) if fitted else "",
        forced_version=row.forced_version,
        dialect=row.dialect,
        filters_off=[name for name in FILTERS if name in row.filters_off],
        maker=row.maker,
        model=row.model,
        device_id=row.device_id,
        imei=row.imei,
        firmware=row.firmware,
        version=row.version,
        has_code=bool(row.auth_code),
        register_until=row.register_until if row.register_until and row.register_until > now else None,
        created_at=row.created_at,
        heard=heard,
        freshness=freshness(heard.last_at, now=now, kind=kind),
    )


def listed(
    actor: Actor,
    *,
    text: str,
    kind: TerminalKind | None,
    state: TerminalState | None,
    cursor: str,
    limit: int,
    now: datetime,
) -> TerminalPage:
    """Return one page of terminals, found by their own number, device id or IMEI, or by the plate they are fitted to."""
    rows = visible_to(actor)
    if kind:
        rows = rows.filter(kind=kind.value)
    if state:
        rows = rows.filter(state=state.value)
    if text:
        wanted = text.strip()
        rows = rows.filter(
            Q(number__startswith=wanted.lstrip("0") or wanted)
            | Q(device_id=wanted)
            | Q(imei=wanted)
            | Q(conveyance__plate=rules.plate(wanted), conveyance__plate__gt="")
            | Q(conveyance__name__icontains=wanted)
        )
    found = page(rows, of=f"terminals:{text}:{kind}:{state}", order=("kind", "number"), cursor=cursor, limit=limit)
    return TerminalPage(rows=[line_of(row, now=now) for row in found.rows], next=found.next)


def count_pending(actor: Actor, *, most: int) -> int:
    """Return how many terminals came by themselves and wait to be admitted, up to one more than `most`."""
    return paging.count(visible_to(actor).filter(state=TerminalState.PENDING.value), most=most)


def count_by_state(actor: Actor) -> Mapping[TerminalState, int]:
    """Return how many terminals there are of each state."""
    counted = visible_to(actor).select_related(None).order_by().values_list("state").annotate(Count("pk"))
    return {TerminalState(state): count for state, count in counted}


def get(actor: Actor, *, terminal_id: int) -> Terminal:
    """Return a terminal that the actor may see, or raise `not_found`."""
    row = visible_to(actor).filter(pk=terminal_id).first()
    if row is None:
        raise Problem("not_found", 404)
    return row


def line(actor: Actor, *, terminal_id: int, now: datetime) -> TerminalLine:
    """Return one terminal as pages show it."""
    return line_of(get(actor, terminal_id=terminal_id), now=now)


def fitted_to(conveyance_id: int, *, now: datetime) -> Sequence[TerminalLine]:
    """Return what is fitted to a conveyance now."""
    rows = Terminal.objects.select_related("conveyance", "contact").filter(conveyance_id=conveyance_id)
    return [line_of(row, now=now) for row in rows.order_by("kind", "number")]

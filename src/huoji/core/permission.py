"""Who acts and what he may do: actors, permission atoms, scopes and the default roles."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Permission(StrEnum):
    """One thing that can be allowed; code asks for atoms, never for roles."""

    SHIPMENT_VIEW = "shipment:view"
    SHIPMENT_CREATE = "shipment:create"
    SHIPMENT_EDIT = "shipment:edit"
    EVENT_ADD = "event:add"
    EVENT_CORRECT = "event:correct"
    SCAN_ADD = "scan:add"
    EXCEPTION_HANDLE = "exception:handle"
    EXCEPTION_NOTICE = "exception:notice"  # who takes one up with this, customer service has noticed it
    IMPORT_RUN = "import:run"
    IMPORT_UNDO = "import:undo"
    PARTY_UNMASK = "party:unmask"
    PARTY_SEARCH = "party:search"
    EXPORT_RUN = "export:run"
    LABEL_PRINT = "label:print"
    RAW_VIEW = "raw:view"
    PLACE_MANAGE = "place:manage"
    CUSTOMER_VIEW = "customer:view"
    CUSTOMER_MANAGE = "customer:manage"
    STAFF_MANAGE = "staff:manage"
    ROLE_MANAGE = "role:manage"
    APIKEY_MANAGE = "apikey:manage"
    SETTINGS_MANAGE = "settings:manage"
    HEALTH_VIEW = "health:view"
    AUDIT_VIEW = "audit:view"
    CASE_CREATE = "case:create"
    CASE_REPLY = "case:reply"
    CASE_FINDING = "case:finding"
    CASE_ASSIGN = "case:assign"
    CASE_ALL = "case:all"
    FLEET_VIEW = "fleet:view"
    FLEET_MANAGE = "fleet:manage"
    TERMINAL_COMMAND = "terminal:command"
    COMMAND_APPROVE = "command:approve"
    ALARM_HANDLE = "alarm:handle"
    TRACK_REPLAY = "track:replay"
    POSITION_REPORT = "position:report"
    SENSOR_MANAGE = "sensor:manage"
    SENSOR_REPORT = "sensor:report"
    STORAGE_VIEW = "storage:view"
    STORAGE_RECORD = "storage:record"
    STORAGE_MANAGE = "storage:manage"
    SOLUTION_AUTHOR = "solution:author"
    COMPENSATION_APPROVE = "compensation:approve"
    PREVENTION_APPROVE = "prevention:approve"
    POLICY_MANAGE = "policy:manage"
    REPORT_VIEW = "report:view"


PENDING = frozenset(
    {
        Permission.CASE_REPLY,
        Permission.CASE_FINDING,
        Permission.CASE_ASSIGN,
        Permission.CASE_ALL,
        Permission.SOLUTION_AUTHOR,
        Permission.COMPENSATION_APPROVE,
        Permission.PREVENTION_APPROVE,
        Permission.POLICY_MANAGE,
        Permission.REPORT_VIEW,
    }
)
"""Atoms that roles already carry (A02 to A18) but whose doors are not built: no page draws them."""


class Scope(StrEnum):
    """Which shipments an actor may see."""

    ALL = "all"  # customer service, chief clerk, managers, dispatch
    SITES = "sites"  # outlet, warehouse, courier: shipments whose story touches their sites
    PARTY = "party"  # a customer's or partner's key: shipments it is a party of
    NONE = "none"  # anonymous


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """The one who acts, as seen by actions and queries.

    `principal` is opaque text such as `staff:8012`, `customer:123`, `partner:7`, `system:import` or `public`.
    """

    principal: str
    scope: Scope = Scope.NONE
    permissions: frozenset[Permission] = frozenset()
    site_ids: frozenset[int] = frozenset()
    staff_id: int | None = None
    party_id: int | None = None
    key_id: int | None = None
    milestones: frozenset[str] | None = None  # the milestones a partner's key may write; None: every one
    source: str = ""  # the event source an API key or connector speaks for
    name: str = field(default="", compare=False)
    request_id: str = field(default="", compare=False)
    dataset: str = field(default="", compare=False)  # of demonstration staff: what they do leaves with them

    def may(self, permission: Permission) -> bool:
        return permission in self.permissions

    @property
    def is_staff(self) -> bool:
        """Whether a member of staff acts: customers, partners and the public are kept out of the workspace."""
        return self.principal.startswith("staff:")


ANONYMOUS = Actor(principal="public")


def system(name: str) -> Actor:
    """Return the actor for work that the installation does by itself (import, demo, worker)."""
    return Actor(principal=f"system:{name}", scope=Scope.ALL, permissions=frozenset(Permission), source=name)


class KeyScope(StrEnum):
    """What an API key may be asked for; each stands for a few permission atoms."""

    SHIPMENTS_READ = "shipments:read"
    SHIPMENTS_WRITE = "shipments:write"
    EVENTS_WRITE = "events:write"
    EXCEPTIONS_HANDLE = "exceptions:handle"
    CASES_WRITE = "cases:write"
    RUNS_WRITE = "runs:write"
    IMPORTS_WRITE = "imports:write"
    CUSTOMERS_READ = "customers:read"
    CUSTOMERS_WRITE = "customers:write"
    PLACES_WRITE = "places:write"
    STORAGE_READ = "storage:read"
    STORAGE_WRITE = "storage:write"
    METRICS_READ = "metrics:read"
    READINGS_WRITE = "readings:write"
    POSITIONS_WRITE = "positions:write"
    FLEET_READ = "fleet:read"
    TRACKS_READ = "tracks:read"


STAFF_KEY_SCOPES = frozenset(
    {
        KeyScope.EXCEPTIONS_HANDLE,
        KeyScope.CASES_WRITE,
        KeyScope.RUNS_WRITE,
        KeyScope.IMPORTS_WRITE,
        KeyScope.CUSTOMERS_READ,
        KeyScope.CUSTOMERS_WRITE,
        KeyScope.PLACES_WRITE,
        KeyScope.STORAGE_READ,
        KeyScope.STORAGE_WRITE,
        KeyScope.METRICS_READ,
        KeyScope.FLEET_READ,
        KeyScope.TRACKS_READ,
    }
)
"""Scopes that only a key of a member of staff can carry (A01)."""

PERMISSIONS_OF_SCOPE: Mapping[KeyScope, frozenset[Permission]] = {
    KeyScope.SHIPMENTS_READ: frozenset({Permission.SHIPMENT_VIEW}),
    KeyScope.SHIPMENTS_WRITE: frozenset({Permission.SHIPMENT_CREATE, Permission.SHIPMENT_EDIT}),
    KeyScope.EVENTS_WRITE: frozenset({Permission.EVENT_ADD}),
    KeyScope.EXCEPTIONS_HANDLE: frozenset({Permission.SHIPMENT_VIEW, Permission.EXCEPTION_HANDLE}),
    KeyScope.CASES_WRITE: frozenset({Permission.SHIPMENT_VIEW, Permission.CASE_CREATE}),
    KeyScope.RUNS_WRITE: frozenset({Permission.SHIPMENT_VIEW, Permission.FLEET_VIEW, Permission.FLEET_MANAGE}),
    KeyScope.IMPORTS_WRITE: frozenset({Permission.IMPORT_RUN}),
    KeyScope.CUSTOMERS_READ: frozenset({Permission.CUSTOMER_VIEW}),
    KeyScope.CUSTOMERS_WRITE: frozenset({Permission.CUSTOMER_VIEW, Permission.CUSTOMER_MANAGE}),
    KeyScope.PLACES_WRITE: frozenset({Permission.PLACE_MANAGE}),
    KeyScope.STORAGE_READ: frozenset({Permission.SHIPMENT_VIEW, Permission.STORAGE_VIEW}),
    KeyScope.STORAGE_WRITE: frozenset({Permission.STORAGE_VIEW, Permission.STORAGE_RECORD}),
    KeyScope.METRICS_READ: frozenset({Permission.HEALTH_VIEW}),
    KeyScope.READINGS_WRITE: frozenset({Permission.SENSOR_REPORT}),
    KeyScope.POSITIONS_WRITE: frozenset({Permission.POSITION_REPORT}),
    KeyScope.FLEET_READ: frozenset({Permission.FLEET_VIEW}),
    KeyScope.TRACKS_READ: frozenset({Permission.FLEET_VIEW, Permission.TRACK_REPLAY}),
}


def permissions_of_scopes(scopes: Iterable[KeyScope]) -> frozenset[Permission]:
    """Return every atom that the scopes of a key stand for."""
    return frozenset[Permission]().union(*(PERMISSIONS_OF_SCOPE[scope] for scope in scopes))


LOOKING = frozenset(
    {Permission.SHIPMENT_VIEW, Permission.CUSTOMER_VIEW, Permission.FLEET_VIEW, Permission.STORAGE_VIEW}
)
"""Atoms that a scope needs for what it is for: they alone make no use of a scope that also does something."""


def usable_scopes(held: Collection[Permission]) -> frozenset[KeyScope]:
    """Return the scopes that whoever holds these atoms has a use for: all it looks at, and something of what it does."""

    def is_usable(atoms: frozenset[Permission]) -> bool:
        done = atoms - LOOKING
        return (atoms & LOOKING).issubset(held) and (not done or not done.isdisjoint(held))

    return frozenset(scope for scope, atoms in PERMISSIONS_OF_SCOPE.items() if is_usable(atoms))


def wider(one: Scope, other: Scope) -> Scope:
    """Return the wider of two scopes."""
    order = (Scope.NONE, Scope.PARTY, Scope.SITES, Scope.ALL)
    return max(one, other, key=order.index)

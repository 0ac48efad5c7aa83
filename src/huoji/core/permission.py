"""Who acts and what he may do: actors, permission atoms, scopes and the default roles."""

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
    IMPORT_RUN = "import:run"
    IMPORT_UNDO = "import:undo"
    PARTY_UNMASK = "party:unmask"
    PARTY_SEARCH = "party:search"
    EXPORT_RUN = "export:run"
    LABEL_PRINT = "label:print"
    RAW_VIEW = "raw:view"
    PLACE_MANAGE = "place:manage"
    CUSTOMER_MANAGE = "customer:manage"
    STAFF_MANAGE = "staff:manage"
    ROLE_MANAGE = "role:manage"
    APIKEY_MANAGE = "apikey:manage"
    SETTINGS_MANAGE = "settings:manage"
    HEALTH_VIEW = "health:view"
    AUDIT_VIEW = "audit:view"
    CASE_CREATE = "case:create"


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
    party_id: int | None = None
    key_id: int | None = None
    source: str = ""  # the event source an API key or connector speaks for
    name: str = field(default="", compare=False)
    request_id: str = field(default="", compare=False)

    def may(self, permission: Permission) -> bool:
        return permission in self.permissions


ANONYMOUS = Actor(principal="public")


def system(name: str) -> Actor:
    """Return the actor for work that the installation does by itself (import, demo, worker)."""
    return Actor(principal=f"system:{name}", scope=Scope.ALL, permissions=frozenset(Permission), source=name)

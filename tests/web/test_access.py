"""A stranger's attempt: every role, key and nobody against every address and API operation that exists.

The addresses are found by walking the resolver, so a new page is under test the moment it is mounted. What it takes to
enter one stands on the view itself (`needs`); what has no `needs` must be named here, with the reason. Each denial has
its positive control: the same request by somebody who may is not denied. What is inside an answer is checked by marks:
texts that belong to one thing, and who may ever read them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import islice, product

import pytest
from django.test import Client
from django.urls import get_resolver
from django.urls.resolvers import URLPattern, URLResolver
from ninja.operation import PathView

from huoji.apps.accounts import queries as accounts
from huoji.apps.accounts.models import ApiKey, RoleAssignment, Staff
from huoji.apps.customers import actions as customers
from huoji.apps.customers.models import Contact
from huoji.apps.fleet.actions.conveyances import ConveyanceDraft, create_conveyance
from huoji.apps.fleet.actions.terminals import create_terminal
from huoji.apps.places.actions import assign_staff, create_site
from huoji.apps.shipments.actions.importing import upload
from huoji.core.customer import CustomerKind
from huoji.core.fleet import ConveyanceKind, TerminalKind
from huoji.core.permission import ANONYMOUS, STAFF_KEY_SCOPES, Actor, KeyScope, Permission, Scope
from huoji.core.place import SiteDraft, SiteKind
from huoji.core.role import DEFAULT_ROLES
from huoji.web.api import api
from tests.people import PASSWORD, SYSTEM

pytestmark = pytest.mark.django_db

# Open to everybody on purpose.
PUBLIC = {
    "home", "help", "contact", "brand-logo", "track", "track-one", "track-story", "track-verify", "track-proof",
    "healthz", "metrics",  # the first says up or down; the second guards itself (token, loopback or permission)
    "query_kuaidi100",  # guards itself: a question is signed with the secret given to 快递100
    "openapi-json", "problems", "api-root", "api-docs",
    "account_login", "account_logout", "account_inactive", "account_signup", "mfa_authenticate", "mfa_login_webauthn",
}  # fmt: skip
# About nobody but the one who is signed in; allauth asks for the sign-in itself.
OWN_ACCOUNT = re.compile(r"^(account_(reauthenticate|change_password)|mfa_|usersessions_list)")
DENIED = {401, 403}
HIDDEN = {*DENIED, 404}
PHONE, CONTACT_PHONE = "13912340077", "13912340088"


# ---- what exists -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Door:
    """One address with one method, and what it takes to enter."""

    route: str
    name: str
    method: str
    needs: tuple[Permission, ...] | None
    is_api: bool
    params: tuple[str, ...] = field(default=())

    def __str__(self) -> str:
        return f"{self.method} /{self.route}"


def patterns(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLPattern):
            yield prefix + str(entry.pattern), entry
        else:
            yield from patterns(entry, prefix + str(entry.pattern))


def operations() -> dict[str, PathView]:
    """Return the operations of the API by the route that the resolver knows them by."""
    found = {}
    for bound in api._get_bound_routers():
        for path, view in bound.path_operations.items():
            whole = f"{bound.prefix.strip('/')}/{path.strip('/')}".strip("/")
            found["api/v1/" + re.sub(r"\{(?:[a-z]+:)?(\w+)\}", r"<\1>", whole)] = view
    return found


@cache
def doors() -> list[Door]:
    by_route = operations()
    found = {}
    for route, pattern in patterns(get_resolver()):
        params = tuple(pattern.pattern.converters)
        plain = re.sub(r"<\w+:(\w+)>", r"<\1>", route)
        if plain in by_route:
            for operation in by_route[plain].operations:
                needs = getattr(operation.view_func, "needs", None)
                for method in operation.methods:
                    door = Door(plain, operation.view_func.__name__, method, needs, is_api=True, params=params)
                    found[str(door)] = door
            continue
        for method in ("GET", "POST"):
            door = Door(plain, pattern.name or "", method, getattr(pattern.callback, "needs", None), is_api=plain.startswith("api/"), params=params)  # fmt: skip
            found[str(door)] = door
    return list(found.values())


# ---- who asks --------------------------------------------------------------------------------------------------------


@dataclass
class Caller:
    """Somebody who asks: a browser with a session, a program with a key, or nobody."""

    name: str
    actor: Actor
    client: Client
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def has_session(self) -> bool:
        return self.actor.is_staff and self.actor.key_id is None

    def ask(self, door: Door, path: str):
        kind = {} if door.method in {"GET", "HEAD"} else {"data": "", "content_type": "application/json" if door.is_api else "application/x-www-form-urlencoded"}  # fmt: skip
        return self.client.generic(door.method, path, headers=self.headers, **kind)


CALLERS = ["nobody", "customer's key", "partner's key", "manager's key", "staff without a role", *(role.code for role in DEFAULT_ROLES)]  # fmt: skip
READ_WRITE = [scope for scope in KeyScope if scope not in STAFF_KEY_SCOPES]


@dataclass
class World:
    """Two of everything: what belongs to site A and customer A, and what belongs to site B and customer B."""

    numbers: dict[str, str]
    customer_ids: dict[str, int]
    samples: dict[str, list[object]]

    def sees(self, actor: Actor, which: str) -> bool:
        """Tell whether a shipment is the actor's to see, as the design has it and without asking the code."""
        match actor.scope:
            case Scope.ALL:
                return True
            case Scope.SITES:
                return which == "A"
            case Scope.PARTY:
                return which == "A" and actor.principal.startswith("customer:")
            case Scope.NONE:
                return False


@pytest.fixture
def world(client, make_staff, make_key) -> World:
    writer = make_staff("cs_manager", "it_admin", number="WRITER")
    key = make_key("staff:WRITER", KeyScope.SHIPMENTS_WRITE, KeyScope.EVENTS_WRITE)
    ids, numbers = {}, {}
    for which, city in (("A", "上海"), ("B", "成都")):
        create_site(SYSTEM, SiteDraft(code=f"SITE-{which}", name=f"{city}网点", kind=SiteKind.OUTLET))
        ids[which] = customers.create_customer(
            SYSTEM, code=f"CUST-{which}", name=f"客户{which}公司", kind=CustomerKind.COMPANY
        )
        customers.add_contact(SYSTEM, customer_id=ids[which], name="司马相如", phone=CONTACT_PHONE)
        told = {
            "line": "express", "customer": f"CUST-{which}", "origin": f"SITE-{which}", "destination": f"SITE-{which}",
            "goods": f"GOODS-OF-{which}", "parties": [{"role": "consignee", "name": "卓文君", "phone": PHONE}],
        }  # fmt: skip
        made = client.post("/api/v1/shipments", [told], content_type="application/json", headers={"x-api-key": key})
        item = made.json()["items"][0]
        assert item["result"] == "accepted", item
        numbers[which] = item["number"]
    conveyance_id = create_conveyance(SYSTEM, ConveyanceDraft(kind=ConveyanceKind.VEHICLE, plate="沪A12345"))
    samples = {
        "number": [numbers["A"], numbers["B"], "HJ0000000000000"],
        "staff_id": [writer.staff_id, 999_999],
        "assignment_id": [RoleAssignment.objects.first().pk],
        "customer_id": [ids["B"], 999_999],
        "contact_id": [Contact.objects.filter(customer_id=ids["B"]).get().pk],
        "key_id": [ApiKey.objects.order_by("-pk").first().pk],
        "code": ["SITE-B", "cs_agent", "nothing"],
        "sha": ["0" * 64],
        "batch_id": [
            upload(writer, name="x.csv", data=f"number,phone,note\nA1,{PHONE},{CONTACT_PHONE}\n".encode()),
            999_999,
        ],
        "kind": ["waybill"],
        "conveyance_id": [conveyance_id, 999_999],
        "command_id": [999_999],
        "command_kind": ["text", "explode"],
        "unit_id": [1],
        "terminal_id": [create_terminal(SYSTEM, kind=TerminalKind.JT808, number="13800138000"), 999_999],
    }
    return World(numbers=numbers, customer_ids=ids, samples=samples)


def make_caller(name: str, world: World, make_staff, make_key) -> Caller:
    client = Client()
    match name:
        case "nobody":
            return Caller(name, ANONYMOUS, client)
        case "customer's key" | "partner's key":
            raw = make_key(f"{name.partition(chr(39))[0]}:{world.customer_ids['A']}", *READ_WRITE)
        case "manager's key":
            make_staff("cs_manager", number="KEYED")
            raw = make_key("staff:KEYED", *accounts.scopes_for("staff:KEYED"))
        case _:
            actor = make_staff(*([] if name == "staff without a role" else [name]), number="CALLER")
            assign_staff(SYSTEM, site_id=site_id("SITE-A"), staff_number="CALLER")
            client.post("/accounts/login/", {"login": "CALLER", "password": PASSWORD})
            return Caller(name, actor, client)
    actor = accounts.actor_for_key(raw)
    assert actor is not None
    return Caller(name, actor, client, headers={"x-api-key": raw})


def site_id(code: str) -> int:
    from huoji.apps.places import queries as places

    found = places.resolve(code)
    assert found is not None
    return found


def paths(door: Door, world: World) -> Iterator[tuple[str, dict[str, object]]]:
    for values in product(*(world.samples.get(param, [1]) for param in door.params)):
        given = dict(zip(door.params, values, strict=True))
        yield "/" + re.sub(r"<(\w+)>", lambda found, given=given: str(given[found[1]]), door.route), given


def may_enter(caller: Caller, door: Door) -> bool:
    """Tell what the door itself says: pages are for signed-in staff, and both ask for their permissions."""
    if door.route.startswith("app/") and not caller.has_session:
        return False
    return door.needs is None or all(caller.actor.may(permission) for permission in door.needs)


# ---- the attempts ----------------------------------------------------------------------------------------------------


def test_every_address_says_what_it_needs_or_is_open_on_purpose():
    silent = {
        str(door) for door in doors() if not door.needs and door.name not in PUBLIC and not OWN_ACCOUNT.match(door.name)
    }
    assert not silent, f"guard these views with `needs`, or name them in PUBLIC with the reason: {sorted(silent)}"


def test_the_walk_finds_every_operation_of_the_openapi_document():
    documented = {
        method.upper() + " " + re.sub(r"{([^}]+)}", r"<\1>", path)
        for path, item in api.get_openapi_schema(path_prefix="/api/v1/")["paths"].items()
        for method in item
    }
    assert documented
    assert documented <= {str(door) for door in doors()}


@pytest.mark.req("A01", part="a customer token gets 403 on every staff endpoint")
@pytest.mark.req("T03", part="role-based access, no enumeration")
@pytest.mark.req("A15", part="specialist, supervisor and manager open what their level may and nothing above")
@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", CALLERS)
def test_nobody_enters_where_he_may_not_and_nothing_breaks(name, world, make_staff, make_key):
    caller = make_caller(name, world, make_staff, make_key)
    wrong = []
    for door in doors():
        if OWN_ACCOUNT.match(door.name) or door.name in {"account_logout", "account_login"}:
            continue
        if door.name.startswith("staff-") and door.method == "POST":
            continue  # below: they would close the very account that the next attempt uses
        shut = bool(door.needs) and not may_enter(caller, door)  # then one attempt says as much as all of them
        for path, given in islice(paths(door, world), 1 if shut else None):
            answer = caller.ask(door, path)
            wrong += [f"{door.method} {path}: {fault}" for fault in faults(caller, door, given, answer, world)]
    assert not wrong, f"as {name}:\n" + "\n".join(wrong)


def faults(caller: Caller, door: Door, given: dict[str, object], answer, world: World) -> Iterator[str]:
    status = answer.status_code
    if status >= 500:
        yield f"broke with {status}"
    guarded = bool(door.needs)
    to_sign_in = status in {302, 204} and "/accounts/login/" in (
        answer.get("Location") or answer.get("HX-Redirect") or ""
    )
    denied = status in DENIED or to_sign_in
    if guarded and not may_enter(caller, door) and not denied and status != 405:
        yield f"let in with {status}"
    if guarded and may_enter(caller, door) and denied:
        yield f"turned away with {status} although he may"
    if door.is_api and guarded and denied and answer.get("Content-Type") != "application/problem+json":
        yield "a denial without problem+json"
    yield from hidden_things(caller, door, given, answer, world)
    yield from leaks(caller, door, answer, world)


def hidden_things(caller: Caller, door: Door, given: dict[str, object], answer, world: World) -> Iterator[str]:
    """A shipment that is not the caller's is no shipment; one that is, is there."""
    which = next((key for key, number in world.numbers.items() if number == given.get("number")), None)
    if which is None or not door.needs or not may_enter(caller, door) or answer.status_code == 405:
        return
    if {"sha", "event_id"} & given.keys():
        return  # what hangs on a shipment has other numbers here; tests/apps/shipments/test_desk_page.py opens real ones
    visible = world.sees(caller.actor, which)
    if not visible and answer.status_code not in HIDDEN:
        yield f"shows shipment {which} with {answer.status_code}"
    if visible and answer.status_code in HIDDEN:
        yield f"hides shipment {which} with {answer.status_code}"


def leaks(caller: Caller, door: Door, answer, world: World) -> Iterator[str]:
    """No answer holds a mark of what its reader may not see, nor a phone in full: that is another act, with a reason."""
    if answer.streaming or door.name in PUBLIC - {"track", "track-one", "track-story"}:
        return
    text = answer.content.decode(errors="replace")
    for which in world.numbers:
        if f"GOODS-OF-{which}" in text and not world.sees(caller.actor, which):
            yield f"tells the goods of shipment {which}"
    if PHONE in text or CONTACT_PHONE in text:
        yield "tells a phone in full"


@pytest.mark.parametrize("name", ["nobody", "customer's key", "cs_manager", "warehouse"])
def test_no_stranger_touches_the_accounts_of_staff(name, world, make_staff, make_key):
    caller = make_caller(name, world, make_staff, make_key)
    victim = make_staff("cs_agent", number="VICTIM")
    before = Staff.objects.filter(pk=victim.staff_id).values().get()
    acts = ("password", "factors", "leave", "return", "roles", "edit", "keys/new")
    for path in ("/app/staff/new", *(f"/app/staff/{victim.staff_id}/{act}" for act in acts)):
        answer = caller.client.post(path, {"cause": "x", "name": "y", "role": "it_admin"}, headers=caller.headers)
        assert answer.status_code in {302, 403}, path
        if answer.status_code == 302:
            assert answer["Location"].startswith("/accounts/login/"), path
        assert Staff.objects.filter(pk=victim.staff_id).values().get() == before, path
        assert {held.role_id for held in RoleAssignment.objects.filter(staff_id=victim.staff_id)} == {"cs_agent"}, path


def test_the_same_acts_are_open_to_the_it_admin(client_of, make_staff):
    it = client_of("it_admin")
    victim = make_staff("cs_agent", number="VICTIM")
    assert it.post(f"/app/staff/{victim.staff_id}/password", {"cause": "x"}).status_code == 200
    assert it.post(f"/app/staff/{victim.staff_id}/leave", {"cause": "x"}).status_code == 302
    assert not Staff.objects.get(pk=victim.staff_id).is_active


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_pages_of_ones_own_account_ask_for_the_sign_in_and_do_not_break(method, client_of):
    own = [
        door for door in doors() if OWN_ACCOUNT.match(door.name) and door.method == method and door.name not in PUBLIC
    ]
    assert len(own) > 10
    for door in own:
        path = "/" + door.route.replace("<pk>", "1")
        stranger = Client().generic(method, path)
        assert stranger.status_code == 302, path
        assert "/accounts/login/" in stranger["Location"]
        mine = client_of("cs_agent").generic(method, path)
        assert mine.status_code < 500, path


def test_a_session_alone_does_not_move_the_api_from_another_site(client_of):
    """A page elsewhere can make a browser send its cookies, but not our token."""
    actor = client_of("cs_agent").actor
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(Staff.objects.get(pk=actor.staff_id))
    answer = browser.post("/api/v1/shipments", [{"line": "road"}], content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf_failed")


@pytest.mark.parametrize(
    "header", [{"authorization": "Bearer hj_00000000_x"}, {"x-api-key": "x"}, {"x-api-key": "\x00" * 3}]
)
def test_a_wrong_key_is_refused_everywhere_also_where_none_is_needed(client, header):
    for path in ("/api/v1/problems", "/api/v1/customers", "/app/staff/"):
        assert client.get(path, headers=header).status_code == 401


@pytest.mark.parametrize(
    ("name", "permission"),
    [
        ("staff-list", Permission.STAFF_MANAGE),
        ("roles", Permission.ROLE_MANAGE),
        ("keys", Permission.APIKEY_MANAGE),
        ("audit", Permission.AUDIT_VIEW),
        ("health", Permission.HEALTH_VIEW),
        ("contact-unmask", Permission.PARTY_UNMASK),
        ("customer-look-up", Permission.PARTY_SEARCH),
        ("brand-settings", Permission.SETTINGS_MANAGE),
        ("import-choose", Permission.IMPORT_RUN),
        ("import-errors", Permission.IMPORT_RUN),
        ("import-undo", Permission.IMPORT_UNDO),
        ("terminal-code", Permission.FLEET_MANAGE),
        ("terminal-block", Permission.FLEET_MANAGE),
        ("command-new", Permission.TERMINAL_COMMAND),
        ("command-approve", Permission.COMMAND_APPROVE),
        ("dispatch-ask", Permission.TERMINAL_COMMAND),
        ("dispatch-track", Permission.TRACK_REPLAY),
    ],
)
def test_what_guards_the_doors_that_matter_most_does_not_change_by_accident(name, permission):
    found = [door for door in doors() if door.name == name]
    assert found
    assert all(permission in (door.needs or ()) for door in found)

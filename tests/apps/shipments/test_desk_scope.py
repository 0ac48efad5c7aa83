"""Whoever asks the desk sees what his role allows and nothing else: every list, page and search, each denial beside a positive control."""

import re

import pytest

from huoji.apps.accounts import queries as accounts
from huoji.apps.places import actions as places
from huoji.apps.shipments.queries import scope
from huoji.apps.shipments.queries.tracking import find, may_see
from huoji.core.permission import KeyScope, Permission, Scope
from huoji.core.role import DEFAULT_ROLES, grants
from tests.apps.shipments import desk_world
from tests.people import SYSTEM

pytestmark = pytest.mark.django_db(transaction=True)

ALL = {"HJEXP0001", "HJROAD0001", "HJSEA0001", "HJDONE0001", "HJBACK0001", "HJNEW0001"}
AT_WUHAN = {"HJEXP0001", "HJROAD0001", "HJDONE0001", "HJBACK0001"}
ROLES = sorted(grants(DEFAULT_ROLES))
GIVEN = grants(DEFAULT_ROLES)


@pytest.fixture
def world(db):
    return desk_world.build()


@pytest.fixture
def at_wuhan(client_of, world):
    """Return a client of a role whose place of work is Wuhan."""

    def make(*roles):
        client = client_of(*roles)
        number = client.actor.principal.removeprefix("staff:")
        places.assign_staff(SYSTEM, site_id=world.sites["WUH"], staff_number=number)
        return client

    return make


def listed(client, **query):
    return set(re.findall(r'data-row href="/app/shipments/([A-Z0-9]+)"', client.get("/app/shipments", query).text))


@pytest.mark.parametrize("role", ROLES)
def test_a_role_lists_what_it_may_see_and_opens_only_that(role, at_wuhan):
    client = at_wuhan(role)
    allowed = ALL if GIVEN[role].scope is Scope.ALL else AT_WUHAN
    assert listed(client) == allowed
    for number in ALL:
        expected = 200 if number in allowed else 404
        assert client.get(f"/app/shipments/{number}").status_code == expected, number
        assert client.get(f"/app/shipments/{number}/story").status_code == expected, number
        hits = client.get("/app/search", {"q": number}, headers={"HX-Request": "true"}).text
        assert (f"/app/shipments/{number}" in hits) == (number in allowed)


def test_who_works_nowhere_sees_nothing_of_a_site_role(client_of, world):
    client = client_of("courier")
    assert listed(client) == set()
    assert client.get("/app/shipments/HJEXP0001").status_code == 404
    assert listed(client_of("cs_agent")) == ALL


def test_a_stranger_and_a_key_are_kept_out_of_the_workspace(client, staff_key, world):
    paths = ("/app/", "/app/shipments", "/app/shipments/HJEXP0001", "/app/search?q=HJEXP", "/app/worklists/parked")
    for path in paths:
        assert client.get(path).status_code == 302, path
        assert client.get(path, headers={"Authorization": f"Bearer {staff_key}"}).status_code == 403, path
    assert (
        client.get("/api/v1/shipments/HJEXP0001", headers={"Authorization": f"Bearer {staff_key}"}).status_code == 200
    )


def test_the_scope_of_a_list_and_of_a_single_answer_agree_for_every_kind_of_actor(make_staff, make_key, world):
    actors = [make_staff(role) for role in ROLES]
    places.assign_staff(SYSTEM, site_id=world.sites["WUH"], staff_number=actors[0].principal.removeprefix("staff:"))
    actors += [accounts.actor_for_user(actor.staff_id) for actor in actors]
    for principal in ("customer:1", "partner:7"):
        actors.append(accounts.actor_for_key(make_key(principal, KeyScope.SHIPMENTS_READ)))
    stories = find(sorted(ALL))
    for actor in actors:
        rows = set(scope.waybills_visible_to(actor).values_list("unit__number", flat=True))
        assert rows == {number for number, told in stories.items() if may_see(actor, told)}, actor.principal
        assert rows <= set(scope.visible_to(actor).values_list("number", flat=True))
        assert actor.may(Permission.SHIPMENT_VIEW)


def test_a_vehicle_is_seen_by_who_may_see_where_it_was_and_its_cargo_only_in_part(at_wuhan, client_of):
    clerk, courier = client_of("cs_agent"), at_wuhan("courier")
    assert client_of("courier").get("/app/units/trip/T2026112307").status_code == 404
    for client in (clerk, courier):
        page = client.get("/app/units/trip/T2026112307")
        assert page.status_code == 200
        assert "HJROAD0001" in page.text
    assert "HJSEA0001" in clerk.get("/app/units/voyage/IMO9074729/025W").text
    assert courier.get("/app/units/voyage/IMO9074729/025W").status_code == 404

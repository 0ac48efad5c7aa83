"""Staff, customers' keys and signed-in clients for every test that needs somebody to act."""

from collections.abc import Callable
from itertools import count

import pytest
from django.test import Client

from huoji.apps.accounts import actions, queries
from huoji.apps.accounts.queries import actors
from huoji.apps.places.queries import atlas
from huoji.core.permission import Actor, KeyScope, system
from huoji.web import navigation

SYSTEM = system("tests")
PASSWORD = "river-lantern-41"
_numbers = count(1)

StaffMaker = Callable[..., Actor]


@pytest.fixture(autouse=True)
def _nothing_remembered():
    actors.forget()
    atlas.forget()
    navigation.forget()
    yield
    actors.forget()
    atlas.forget()


@pytest.fixture
def make_staff(db) -> StaffMaker:
    """Take on a member of staff with these roles; return his actor."""

    def make(*roles: str, number: str = "", **more) -> Actor:
        staff_id = actions.create_staff(
            SYSTEM,
            staff_number=number or f"T{next(_numbers):05}",
            name=more.pop("name", "测试员"),
            password=PASSWORD,
            roles=roles,
            must_change_password=more.pop("must_change_password", False),
            **more,
        )
        return queries.actor_for_user(staff_id)

    return make


@pytest.fixture
def client_of(make_staff) -> Callable[..., Client]:
    """Return a client signed in as a new member of staff with these roles."""

    def make(*roles: str, **more) -> Client:
        actor = make_staff(*roles, **more)
        client = Client()
        client.force_login(_row(actor))
        client.actor = actor
        return client

    return make


def _row(actor: Actor):
    from django.contrib.auth import get_user_model

    return get_user_model().objects.get(pk=actor.staff_id)


@pytest.fixture
def make_key(db) -> Callable[..., str]:
    """Issue a key and return it raw."""

    def make(principal: str, *scopes: KeyScope, **more) -> str:
        return actions.issue_key(SYSTEM, name="test", principal=principal, scopes=scopes, **more)

    return make


WRITER = (KeyScope.SHIPMENTS_READ, KeyScope.SHIPMENTS_WRITE, KeyScope.EVENTS_WRITE)


@pytest.fixture
def staff_key(make_staff, make_key) -> str:
    """A key of the chief clerk's, who sees all."""
    actor = make_staff("cs_chief_clerk", "cs_manager")
    return make_key(actor.principal, *WRITER, source="erp")

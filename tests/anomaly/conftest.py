"""Who speaks to the API in these tests: the carrier's own staff, and two partners that know nothing of each other."""

import pytest
from django.test import Client

from tests.apps.shipments.foreign import Caller
from tests.people import WRITER


@pytest.fixture
def staff(client, staff_key) -> Caller:
    return Caller(client, staff_key)


@pytest.fixture
def partners(make_key) -> tuple[Caller, Caller]:
    first, second = (make_key(f"partner:{n}", *WRITER, source=f"p{n}") for n in (1, 2))
    return Caller(Client(), first), Caller(Client(), second)

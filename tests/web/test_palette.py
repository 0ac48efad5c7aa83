"""The palette finds what moves, what reports, trips and pages by any part of their names, each for who may see it."""

import re

import pytest
from django.db import connection

from huoji.apps.fleet.models import Conveyance, Terminal
from huoji.apps.fleet.queries import finding
from tests.apps.shipments import moving_world

HTMX = {"HX-Request": "true"}


@pytest.fixture
def fleet(db):
    """A truck on a trip with a terminal, another, a vessel with all its numbers."""
    moving = moving_world.build()
    moving.load()
    Conveyance.objects.filter(pk=moving.vessel_id).update(name_en="COSCO ARIES", imo="9484285", mmsi="477712300")
    Terminal.objects.create(kind="jt808", number="13800000077", device_id="HJ-T7", conveyance_id=moving.other_id)
    return moving


def hits(client, text, **extra):
    answer = client.get("/app/search", {"q": text, **extra}, headers=HTMX)
    assert answer.status_code == 200
    return re.findall(r'href="(/app/[^"]*)" data-hit', answer.text)


@pytest.mark.parametrize("text", ["沪A12345", "沪A·12345", "沪a 123 45", "12345", "A·123"])
def test_a_plate_is_found_whole_or_in_part_with_and_without_its_dot(client_of, fleet, text):
    assert f"/app/fleet/{fleet.truck_id}" in hits(client_of("dispatch"), text)
    assert not [href for href in hits(client_of("cs_agent"), text) if "/fleet/" in href]


@pytest.mark.parametrize("text", ["白羊", "cosco ar", "IMO 9484285", "94842", "477712300"])
def test_a_vessel_is_found_by_name_imo_number_and_mmsi(client_of, fleet, text):
    assert hits(client_of("dispatch"), text) == [f"/app/fleet/{fleet.vessel_id}"]
    assert hits(client_of("cs_agent"), text) == []


def test_a_terminal_is_found_by_its_number_and_opens_when_it_is_the_only_hit(client_of, fleet):
    own = f"/app/terminals/{Terminal.objects.get(number='13800000077').pk}"
    dispatcher = client_of("dispatch")
    assert hits(dispatcher, "013800000077") == hits(dispatcher, "hj-t7") == [own]
    assert dispatcher.get("/app/search", {"q": "hj-t7"})["Location"] == own
    assert hits(client_of("cs_agent"), "hj-t7") == []


def test_a_trip_is_found_by_its_number_by_all_who_may_see_it(client_of, fleet):
    trip = moving_world.TRIP
    for role in ("dispatch", "cs_agent"):
        assert [href for href in hits(client_of(role), trip) if "/units/trip/" in href], role
    assert not hits(client_of("courier"), trip)  # another site's


@pytest.mark.parametrize(
    ("role", "text", "page", "is_found"),
    [
        pytest.param("dispatch", "调度地", "/app/dispatch/", True, id="in-chinese"),
        pytest.param("dispatch", "dispatch m", "/app/dispatch/", True, id="in-english"),
        pytest.param("cs_agent", "dispatch m", "/app/dispatch/", False, id="not-allowed"),
        pytest.param("dispatch", "审计", "/app/audit", False, id="not-allowed-audit"),
    ],
)
def test_a_page_is_found_by_its_name_by_who_may_open_it(client_of, db, role, text, page, is_found):
    assert (page in hits(client_of(role), text)) is is_found


def test_every_search_of_the_fleet_has_its_index(db):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        for table, words in (
            ("conveyance", finding.CONVEYANCE_WORDS), ("terminal", finding.TERMINAL_WORDS), ("run", finding.RUN_WORDS),
        ):  # fmt: skip
            cursor.execute(f"EXPLAIN SELECT 1 FROM {table} WHERE {words} LIKE '%12345%' OR {words} LIKE '%沪A12%'")
            assert f"{table}_found" in "\n".join(row[0] for row in cursor.fetchall())

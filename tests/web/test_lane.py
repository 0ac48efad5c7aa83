"""The short way of a public query answers as the long one does."""

import json

import pytest

from huoji.apps.shipments.api.shipments import PUBLIC_QUERIES

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _nobody_asked_before():
    PUBLIC_QUERIES.forget()
    yield
    PUBLIC_QUERIES.forget()


@pytest.fixture
def number(client, staff_key):
    headers = {"Authorization": f"Bearer {staff_key}"}
    made = client.post("/api/v1/shipments", [{"line": "road"}], content_type="application/json", headers=headers)
    number = made.json()["items"][0]["number"]
    event = {"number": number, "occurred_at": "2026-11-20T08:00:00+08:00", "milestone": "picked_up", "place": "上海"}
    client.post("/api/v1/events", json.dumps([event]), content_type="application/json", headers=headers)
    return number


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_both_ways_give_the_same_answer(client, number, staff_key, lang):
    query = {"numbers": f"{number} NOSUCH00001", "lang": lang}
    short = client.get("/api/v1/track", query)
    long = client.get("/api/v1/track", query, headers={"Authorization": f"Bearer {staff_key}"})
    assert short.json() == long.json()
    assert short["Content-Language"] == long["Content-Language"]
    assert short["X-Request-Id"]
    assert short["Content-Length"] == long["Content-Length"]


def test_a_query_without_numbers_and_a_foreign_host_are_refused_as_ever(client):
    assert client.get("/api/v1/track").json()["code"] == "invalid_request"
    assert client.get("/api/v1/track?numbers=X12345678", headers={"Host": "evil.example"}).status_code == 400


def test_too_many_questions_are_refused_with_a_problem(client):
    codes = [client.get("/api/v1/track?numbers=X12345678") for _ in range(90)]
    assert codes[-1].status_code == 429
    assert codes[-1].json()["code"] == "rate_limited"

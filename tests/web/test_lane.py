"""The short way of a public query answers as the long one does."""

import json
import re

import pytest
from django.conf import settings
from django.test import Client

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


def without_chance(answer) -> str:
    """Leave out what differs from one answer to the next: the nonce, the token of the form, the signature of the stream."""
    text = re.sub(r'(nonce=|name="csrfmiddlewaretoken" value=|data-live-token=)"[^"]+"', r"\1", answer.content.decode())
    return re.sub(r"data-age=\S+|\d+ (秒|分钟|seconds?|minutes?)", "", text)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("known", [True, False])
def test_both_ways_give_the_same_page(client, number, lang, known):
    path = f"/track/{number if known else 'NOSUCH00001'}"
    short = client.get(path, headers={"Accept-Language": lang})
    client.cookies[settings.SESSION_COOKIE_NAME] = "nobody's"
    long = client.get(path, headers={"Accept-Language": lang})
    assert short.status_code == long.status_code == (200 if known else 404)
    assert without_chance(short) == without_chance(long)
    said = [{name: value for name, value in answer.items() if name != "X-Request-Id"} for answer in (short, long)]
    policies = [re.sub(r"'nonce-[^']+'", "", each.pop("Content-Security-Policy")) for each in said]
    assert policies[0] == policies[1]
    assert {name: set(value.split(", ")) for name, value in said[0].items()} == {
        name: set(value.split(", ")) for name, value in said[1].items()
    }


def test_the_nonce_of_the_page_is_that_of_its_policy_and_new_each_time(client, number):
    answers = [client.get(f"/track/{number}") for _ in range(2)]
    nonces = [set(re.findall(r'nonce="([^"]+)"', answer.content.decode())) for answer in answers]
    assert [len(each) for each in nonces] == [1, 1]
    assert nonces[0] != nonces[1]
    for answer, (nonce,) in zip(answers, nonces, strict=True):
        assert f"'nonce-{nonce}'" in answer["Content-Security-Policy"]


def test_the_form_of_the_short_way_is_accepted(number):
    browser = Client(enforce_csrf_checks=True)
    page = browser.get(f"/track/{number}").content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
    assert browser.post(f"/track/{number}/verify", {"last4": "0000"}).status_code == 403
    answer = browser.post(f"/track/{number}/verify", {"last4": "0000", "csrfmiddlewaretoken": token})
    assert answer.status_code == 422
    again = browser.get(f"/track/{number}").content.decode()
    other = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', again)[1]
    assert other != token
    for each in (token, other):  # both hide the one secret of the cookie
        answer = browser.post(f"/track/{number}/verify", {"last4": "0000", "csrfmiddlewaretoken": each})
        assert answer.status_code == 422


def test_a_query_without_numbers_and_a_foreign_host_are_refused_as_ever(client):
    assert client.get("/api/v1/track").json()["code"] == "invalid_request"
    assert client.get("/api/v1/track?numbers=X12345678", headers={"Host": "evil.example"}).status_code == 400


def test_too_many_questions_are_refused_with_a_problem(client):
    codes = [client.get("/api/v1/track?numbers=X12345678") for _ in range(90)]
    assert codes[-1].status_code == 429
    assert codes[-1].json()["code"] == "rate_limited"

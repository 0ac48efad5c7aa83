"""The API object: strict JSON, problems for every mistake, a reference that is ours and kept in the repository."""

import json
import re
from pathlib import Path

import pytest
from django.test import Client, RequestFactory
from ninja import Router, Schema

from huoji.web import api as web_api
from huoji.web import snapshots

REPOSITORY = Path(__file__).resolve().parents[2]


class Item(Schema):
    count: int


class Batch(Schema):
    items: list[Item]


@pytest.fixture
def strict():
    """An API like ours with one operation that takes a body."""
    api = web_api.StrictApi(urls_namespace="strict", parser=web_api.StrictParser(), renderer=web_api.FastRenderer())
    api._exception_handlers |= web_api.api._exception_handlers
    router = Router()

    @router.post("/batch")
    def batch(request, payload: Batch):
        return {"counts": [item.count for item in payload.items]}

    api.add_router("", router)
    return api


def post(api, body):
    request = RequestFactory().post("/api/batch", data=body, content_type="application/json")
    pattern = next(pattern for pattern in api.urls[0] if str(pattern.pattern) == "batch")
    return pattern.callback(request)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b'{"items": [{"count": 1}]}', 200, None),
        (b'{"items": [', 400, "malformed_body"),
        (b"\xff\xfe", 400, "malformed_body"),
        (b"[" * 100_000, 400, "malformed_body"),
        (b'{"items": [{"count": NaN}]}', 400, "malformed_body"),
        (b'{"items": [{"count": ' + b"9" * 5000 + b"}]}", 400, "malformed_body"),
        (b'{"items": "\\u0000"}', 400, "malformed_body"),
        (b'"\\ud800"', 400, "malformed_body"),
        (b"", 422, "invalid_request"),
        (b"[]", 422, "invalid_request"),
        (b'"text"', 422, "invalid_request"),
        (b"null", 422, "invalid_request"),
    ],
)
def test_a_body_is_read_or_refused_with_a_reason(strict, body, status, code):
    answer = post(strict, body)
    assert answer.status_code == status, answer.content
    assert json.loads(answer.content).get("code") == code


def test_a_validation_error_points_into_the_body_as_it_was_sent_and_repeats_no_input(strict):
    answer = post(strict, b'{"items": [{"count": 1}, {"count": "13800138000x"}]}')
    assert b'"pointer":"/items/1/count"' in answer.content
    assert b"138" not in answer.content


@pytest.mark.django_db
class TestThroughTheDoor:
    def test_the_reference_page_loads_nothing_from_elsewhere(self, client):
        page = client.get("/api/docs")
        assert page.status_code == 200
        assert re.findall(rb'(?:src|href)="(?:https?:)?//[^"]+', page.content) == []

    def test_the_reference_page_names_every_operation_schema_and_code(self, client):
        text = client.get("/api/docs").content.decode()
        document = client.get("/api/v1/openapi.json").json()
        for path, methods in document["paths"].items():
            for method in methods:
                assert f"{method.upper()} {path}" in text
        for name in document["components"]["schemas"]:
            assert f'id="schema-{name}"' in text
        for link in re.findall(r'href="#([^"]+)"', text):
            assert f'id="{link}"' in text, link
        kind = client.get("/api/v1/nothing").json()["type"]
        assert kind == "/api/docs#not_found"
        assert 'id="not_found"' in text

    def test_the_catalogue_of_codes_is_public(self, client):
        found = {item["code"]: item["status"] for item in client.get("/api/v1/problems").json()}
        assert found["not_found"] == 404

    def test_a_wrong_method_is_a_problem_that_names_the_right_ones(self, client):
        answer = client.delete("/api/v1/problems")
        assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
        assert answer["Allow"] == "GET"

    def test_the_served_document_is_the_one_in_the_repository(self, client):
        kept = json.loads((REPOSITORY / "docs/reference/openapi.json").read_text())
        assert client.get("/api/v1/openapi.json").json() == kept
        assert kept["openapi"].startswith("3.1")


@pytest.mark.parametrize("path", sorted(snapshots.render()), ids=str)
def test_generated_references_are_up_to_date(path):
    assert (REPOSITORY / path).read_bytes() == snapshots.render()[path], "run `make docs`"


@pytest.mark.django_db
def test_a_session_needs_the_csrf_token_and_a_key_does_not(client_of, staff_key):
    def post(client, **headers):
        body = json.dumps([{"line": "express"}])
        return client.post("/api/v1/shipments", body, content_type="application/json", headers=headers)

    staff = client_of("cs_chief_clerk", "cs_manager")
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = staff.cookies
    assert post(strict).json()["code"] == "csrf_failed"
    strict.cookies["csrftoken"] = "a" * 32
    assert post(strict, **{"X-CSRFToken": "a" * 32}).status_code == 200
    assert post(Client(enforce_csrf_checks=True), **{"X-API-Key": staff_key}).status_code == 200
    assert post(Client(enforce_csrf_checks=True)).json()["code"] == "sign_in_required"

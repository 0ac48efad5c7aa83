"""Idempotency-Key through the API: one effect, one answer, for 48 hours."""

import json
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection
from django.test import RequestFactory
from ninja import Router, Schema

from huoji.core.permission import ANONYMOUS, Actor, Permission
from huoji.kit import idempotency
from huoji.kit.http import needs
from huoji.kit.idempotency import idempotent
from huoji.kit.models import IdempotencyRow, Mark
from huoji.kit.problem import Problem
from huoji.web import api as web_api

ACTOR = Actor(principal="customer:1", permissions=frozenset({Permission.SHIPMENT_CREATE}), key_id=1)
OTHER = Actor(principal="customer:2", permissions=frozenset({Permission.SHIPMENT_CREATE}), key_id=2)


class Order(Schema):
    name: str
    fail: bool = False


@pytest.fixture
def post():
    """POST to an operation that leaves one mark a call and answers with its count."""
    api = web_api.StrictApi(urls_namespace="idem", parser=web_api.StrictParser(), renderer=web_api.FastRenderer())
    api._exception_handlers |= web_api.api._exception_handlers
    router = Router()

    @router.post("/orders")
    @idempotent
    @needs(Permission.SHIPMENT_CREATE)
    def create(request, payload: Order):
        Mark.objects.create(name=f"{payload.name}-{Mark.objects.count()}", at="2026-11-23T00:00:00Z", ok=True)
        if payload.fail:
            raise Problem("conflict", 409)
        return {"count": Mark.objects.count()}

    api.add_router("", router)
    view = next(pattern.callback for pattern in api.urls[0] if str(pattern.pattern) == "orders")

    def send(body, *, key="key-1", actor=ACTOR):
        headers = {"Idempotency-Key": key} if key else {}
        request = RequestFactory().post("/api/orders", data=body, content_type="application/json", headers=headers)
        request.actor, request.request_id = actor, "r"
        answer = view(request)
        return answer.status_code, json.loads(answer.content), answer.get("Idempotency-Replayed")

    send.api = api
    return send


@pytest.mark.django_db
class TestOneKey:
    def test_the_second_request_gets_the_first_answer_and_has_no_effect(self, post):
        assert post({"name": "a"}) == (200, {"count": 1}, None)
        assert post({"name": "a"}) == (200, {"count": 1}, "true")
        assert Mark.objects.count() == 1

    def test_the_same_key_for_another_body_is_refused(self, post):
        post({"name": "a"})
        status, body, _ = post({"name": "b"})
        assert (status, body["code"]) == (422, "idempotency_key_reused")
        assert Mark.objects.count() == 1

    def test_without_a_key_every_request_counts(self, post):
        post({"name": "a"}, key="")
        assert post({"name": "a"}, key="")[1] == {"count": 2}

    def test_keys_of_two_principals_never_meet(self, post):
        post({"name": "a"})
        assert post({"name": "a"}, actor=OTHER) == (200, {"count": 2}, None)

    def test_a_refused_request_leaves_neither_effect_nor_key(self, post):
        status, body, _ = post({"name": "a", "fail": True})
        assert (status, body["code"]) == (409, "conflict")
        assert Mark.objects.count() == IdempotencyRow.objects.count() == 0
        assert post({"name": "a"}) == (200, {"count": 1}, None)

    def test_a_kept_answer_is_not_given_to_who_lost_the_permission(self, post):
        post({"name": "a"})
        status, body, _ = post({"name": "a"}, actor=Actor(principal="customer:1", key_id=1))
        assert (status, body["code"]) == (403, "forbidden")

    def test_strangers_have_no_keys(self, post):
        assert post({"name": "a"}, actor=ANONYMOUS)[0] == 401
        assert IdempotencyRow.objects.count() == 0

    @pytest.mark.parametrize("key", ["x" * 256, "键", "a b"])
    def test_a_key_must_be_visible_ascii(self, post, key):
        assert post({"name": "a"}, key=key)[1]["code"] == "invalid_idempotency_key"

    def test_after_48_hours_a_key_is_new_again(self, post):
        post({"name": "a"})
        row = IdempotencyRow.objects.get()
        IdempotencyRow.objects.update(created_at=row.created_at - idempotency.KEPT - timedelta(seconds=1))
        assert post({"name": "b"}) == (200, {"count": 2}, None)
        idempotency.forget(now=row.created_at + timedelta(days=3))
        assert IdempotencyRow.objects.count() == 0

    def test_the_reference_names_the_header(self, post):
        operation = post.api.get_openapi_schema(path_prefix="/")["paths"]["/orders"]["post"]
        assert operation["parameters"] == [
            {
                "in": "header",
                "name": "Idempotency-Key",
                "required": False,
                "schema": {"type": "string", "maxLength": 255},
            }
        ]
        assert operation["security"] == [{"ApiKey": []}]


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_works_and_the_others_are_told_that_it_runs(post):
    start = Barrier(6)
    answers = []

    def send():
        start.wait()
        answers.append(post({"name": "a"})[0::2])
        connection.close()

    threads = [Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Mark.objects.count() == 1
    assert answers.count((200, None)) == 1
    assert set(answers) <= {(200, None), (200, "true"), (409, None)}

"""Whatever is sent to the API, valid by its document or not, as anybody: the answer is never a 5xx and errors are problems."""

import json
import re

import pytest
import schemathesis
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode

from huoji.core.permission import KeyScope
from huoji.core.role import DEFAULT_ROLES
from huoji.web.api import api

DOCUMENT = json.loads(json.dumps(api.get_openapi_schema(path_prefix="/api/v1/"), default=str))
OPERATIONS = [
    (method.upper(), path)
    for path, methods in DOCUMENT["paths"].items()
    for method in methods
    if method in {"get", "post", "put", "patch", "delete"}
]
MODES = {"valid": GenerationMode.POSITIVE, "invalid": GenerationMode.NEGATIVE}
NASTY = st.one_of(
    st.binary(max_size=200),
    st.text(max_size=60).map(lambda text: json.dumps({text: text}).encode()),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
        max_leaves=12,
    ).map(lambda value: json.dumps(value).encode()),
    st.sampled_from(
        [b"", b"\x00", b"[" * 3_000, b'{"a":' * 3_000, b'"\\u0000"', b'["\\ud800"]', b"\xff\xfe", b"NaN", b"[1e400]"]
    ),
)
quick = settings(
    max_examples=12,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much],
)


@pytest.fixture
def key(make_staff, make_key):
    """A key with every scope, of someone with every role."""
    return make_key(make_staff(*(role.code for role in DEFAULT_ROLES)).principal, *KeyScope)


def judge(answer, *, of):
    assert answer.status_code < 500, f"{of}: {answer.content[:300]!r}"
    if answer.status_code >= 400 and "kuaidi100" not in of:  # that door speaks its own language
        assert answer["Content-Type"] == "application/problem+json", of
        assert answer.json()["status"] == answer.status_code


def send(client, case, *, key):
    sent = case.as_transport_kwargs(base_url="http://testserver")
    headers = {name: str(value) for name, value in (sent.get("headers") or {}).items()}
    headers = {name: value for name, value in headers.items() if value.isascii() and value.isprintable()}
    headers.pop("Authorization", None)
    if key:
        headers["X-API-Key"] = key
    body = sent.get("data")
    if body is None and "json" in sent:
        body = json.dumps(sent["json"], default=str).encode()
    if isinstance(body, dict):
        body = json.dumps(body, default=str).encode()
    elif not isinstance(body, bytes):
        body = str(body or "").encode(errors="replace")
    kind = headers.pop("Content-Type", "application/json")
    query = {name: value for name, value in (sent.get("params") or {}).items() if value is not None}
    path = sent["url"].removeprefix("http://testserver")
    return client.generic(sent["method"], path, data=body, content_type=kind, headers=headers, query_params=query)


def fuzz(method, path, mode, key, *, examples):
    operation = schemathesis.openapi.from_dict(DOCUMENT)[path][method]
    client = Client(raise_request_exception=False)
    statuses = set()

    @settings(quick, max_examples=examples)
    @given(case=operation.as_strategy(generation_mode=MODES[mode]))
    def run(case):
        judge(send(client, case, key=""), of=f"{method} {path}")
        answer = send(client, case, key=key)
        judge(answer, of=f"{method} {path}")
        statuses.add(answer.status_code)

    run()
    assert statuses - {401, 403}, "the key must open the door, or nothing was tried"


def can_be_wrong(method, path):
    node = DOCUMENT["paths"][path][method.lower()]
    return bool(node.get("parameters") or node.get("requestBody"))


CASES = [(*each, mode) for each in OPERATIONS for mode in MODES if mode == "valid" or can_be_wrong(*each)]


def name_of(value):
    return value.strip("/").replace("/", ".")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("method", "path", "mode"), CASES, ids=name_of)
def test_nothing_that_fits_or_breaks_the_document_breaks_the_server(method, path, mode, key):
    fuzz(method, path, mode, key, examples=6)


@pytest.mark.soak
@pytest.mark.timeout(600)
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("method", "path", "mode"), CASES, ids=name_of)
def test_not_even_after_many_tries(method, path, mode, key):
    fuzz(method, path, mode, key, examples=400)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", [path for method, path in OPERATIONS if method == "POST"], ids=name_of)
def test_no_bytes_break_a_door_that_takes_a_body(path, key):
    client = Client(raise_request_exception=False)
    target = path.replace("{customer_id}", "1")

    @quick
    @given(body=NASTY, kind=st.sampled_from(["application/json", "application/x-ndjson", "text/csv", "x"]))
    def run(body, kind):
        headers = {"X-API-Key": key}
        judge(client.post(target, data=body, content_type=kind, headers=headers), of=path)

    run()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", [path for method, path in OPERATIONS if method == "GET"], ids=name_of)
def test_no_word_in_a_path_or_query_breaks_a_door(path, key):
    client = Client(raise_request_exception=False)
    names = [each["name"] for each in DOCUMENT["paths"][path]["get"].get("parameters", []) if each["in"] == "query"]
    for value in ["\x00", "%00", "%ff", "..", "9" * 400, "名字", "'; --", "a" * 5_000]:
        target = re.sub(r"\{\w+\}", value, path)
        query = dict.fromkeys([*names, "cursor", "limit", "numbers"], value)
        judge(client.get(target, query_params=query, headers={"X-API-Key": key}), of=path)

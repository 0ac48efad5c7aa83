"""Logs: one JSON object a line, with the request id, without anybody's data."""

import io
import json
import logging
import sys

import pytest
from django.db import IntegrityError, connection
from django.test import override_settings

from huoji.kit import log

FORMATTER = log.JsonFormatter()


def record(message="hello", *, error=None, **extra):
    made = logging.LogRecord("huoji.test", logging.INFO, __file__, 1, message, (), None)
    if error is not None:
        try:
            raise error
        except type(error) as raised:
            made.exc_info = (type(raised), raised, raised.__traceback__)
    vars(made).update(extra)
    return json.loads(FORMATTER.format(made))


def test_a_line_is_one_json_object_with_the_request_id_and_the_extra_fields():
    with log.bound(request_id="r-1"), log.bound(job="j"):
        line = record(topic="x", strange=object)
    assert (line["message"], line["level"], line["request_id"], line["job"], line["topic"]) == (
        "hello",
        "info",
        "r-1",
        "j",
        "x",
    )
    assert "\n" not in FORMATTER.format(logging.LogRecord("x", 20, "", 1, "two\nlines", (), None))
    assert "request_id" not in record()


def test_a_line_goes_to_standard_error_as_it_is_now_however_often_that_was_captured(monkeypatch):
    handler = log.StderrHandler()
    monkeypatch.setattr(logging, "raiseExceptions", True)
    for _ in range(2):
        captured = io.StringIO()
        monkeypatch.setattr(sys, "stderr", captured)
        handler.handle(logging.LogRecord("huoji.test", logging.INFO, __file__, 1, "request", (), None))
        assert captured.getvalue() == "request\n"
        captured.close()


def test_an_exception_is_told_without_the_row_that_postgresql_quotes():
    error = IntegrityError("duplicate key value\nDETAIL:  Key (phone)=(13800138000) already exists.")
    line = record(error=error)
    assert line["trace"][0] == "IntegrityError: duplicate key value"
    assert "test_log.py" in line["trace"][1]
    assert "138" not in json.dumps(line)
    assert log.summary_of(ValueError("call 13800138000 now")) == "ValueError: call * now"


@pytest.mark.django_db
@pytest.mark.req("T02", part="slow-query log")
def test_a_slow_statement_is_logged_as_text_without_its_values(caplog, settings):
    from dataclasses import replace

    settings.HUOJI = replace(settings.HUOJI, slow_query_ms=5)
    with connection.execute_wrapper(log.slow_query), connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(0.02), %s", ["13800138000"])
        cursor.execute("SELECT 1")
    (line,) = [json.loads(FORMATTER.format(made)) for made in caplog.records]
    assert line["took_ms"] >= 20
    assert "pg_sleep" in line["sql"]
    assert "138" not in json.dumps(line)


@pytest.mark.django_db
@pytest.mark.req("T05", part="logs never hold personal data")
def test_a_phone_and_a_name_asked_through_the_public_page_never_reach_the_log(client, caplog, monkeypatch):
    with caplog.at_level(logging.DEBUG), override_settings(DEBUG=False):
        client.get("/track", {"numbers": "张三丰 13800138000"})
        client.post("/track", {"numbers": "张三丰 13800138000"})
        client.get("/track/13800138000-张三丰")
        client.get("/api/v1/nothing/13800138000/张三丰")
        monkeypatch.setattr("huoji.web.health.is_up", lambda: 1 / 0)
        client.raise_request_exception = False
        assert client.get("/healthz", {"q": "张三丰 13800138000"}).status_code == 500
        client.get("/healthz", headers={"User-Agent": "张三丰 13800138000", "X-Request-Id": "13800138000 张三丰"})
    written = "\n".join(FORMATTER.format(made) for made in caplog.records)
    assert '"route":' in written
    assert "13800138000" not in written
    assert "张三丰" not in written

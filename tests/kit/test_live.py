"""Live topics and tokens: opaque, signed, short-lived; NOTIFY in payloads that PostgreSQL takes."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from django.conf import settings
from django.db import transaction
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from huoji.config import database
from huoji.kit import announce, live, outbox, postgres

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


def test_a_topic_tells_nothing_and_differs_by_kind_and_thing_and_key(settings):
    topic = live.topic("waybill", 123456789)
    assert topic.startswith("waybill:")
    assert "123456789" not in topic
    assert len({topic, live.topic("waybill", 123456788), live.topic("unit", 123456789)}) == 3
    settings.SECRET_KEY = "another"
    assert live.topic("waybill", 123456789) != topic


def test_a_token_names_its_topics_for_ten_minutes():
    token = live.token(["waybill:a", "waybill:b"], NOW)
    grant = live.read_token(token, now=NOW + timedelta(minutes=9, seconds=59))
    assert grant == live.Grant(topics=("waybill:a", "waybill:b"), until=int(NOW.timestamp()) + 600)
    assert live.read_token(token, now=NOW + timedelta(minutes=10)) is None


@given(st.text(max_size=300))
def test_no_text_of_a_stranger_is_a_token(text):
    assert live.read_token(text, now=NOW) is None


def test_a_token_that_was_changed_is_none():
    token = live.token(["waybill:a"], NOW)
    for at in range(len(token)):
        changed = token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :]
        if at != len(token) - 1:  # the last character of base64 holds spare bits
            assert live.read_token(changed, now=NOW) is None


@given(st.lists(st.integers(min_value=0, max_value=2**62), max_size=600))
def test_payloads_hold_every_topic_once_and_stay_below_the_limit_of_postgresql(ids):
    topics = [live.topic("waybill", each) for each in ids]
    payloads = list(live.payloads(topics))
    assert all(len(payload) <= live.PAYLOAD_BYTES_MAX for payload in payloads)
    assert " ".join(payloads).split() == list(dict.fromkeys(topics))


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("localhost:8000", "http://localhost:8001/live/"),
        ("localhost", "http://localhost:8001/live/"),
        ("[::1]:8000", "http://[::1]:8001/live/"),
        ("[::1]", "http://[::1]:8001/live/"),
    ],
)
def test_the_page_finds_the_stream_beside_itself(host, expected):
    assert live.url(RequestFactory().get("/", headers={"host": host})) == expected


@pytest.mark.django_db(transaction=True)
def test_the_relay_tells_live_pages_and_the_action_does_not(monkeypatch):
    monkeypatch.setattr(outbox, "_handlers", {})
    announce.register("test.changed", kind="waybill")
    name = settings.DATABASES["default"]["NAME"]
    conninfo = database.cluster(settings.HUOJI.data_dir).conninfo(database=name, role=postgres.APP_ROLE)
    with psycopg.connect(conninfo, autocommit=True) as listener:
        listener.execute(f"LISTEN {live.CHANNEL}")
        with transaction.atomic():
            outbox.publish("test.changed", range(500))
        assert list(listener.notifies(timeout=0.05)) == []
        assert outbox.deliver_next(now=datetime.now(UTC) + timedelta(days=1))
        heard = [notice.payload for notice in listener.notifies(timeout=0.2)]
    assert set(" ".join(heard).split()) == {live.topic("waybill", each) for each in range(500)}

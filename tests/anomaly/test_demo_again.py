"""The demonstration is loaded twice, read while it loads, and removed twice."""

from dataclasses import fields

import pytest
from django.test import Client

from huoji.apps.shipments.api.shipments import PUBLIC_QUERIES
from huoji.apps.shipments.models import Unit
from huoji.config import demo
from tests.anomaly.invariant import at_once, stories_equal_events

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


@pytest.fixture
def env(tmp_path, settings, monkeypatch):
    monkeypatch.setattr(demo, "WAYBILLS", 150)
    monkeypatch.setattr(demo.load, "__kwdefaults__", {"waybills": 150})
    known = {field.name: getattr(settings.HUOJI, field.name) for field in fields(settings.HUOJI)}
    return settings.HUOJI.__class__(**{**known, "data_dir": tmp_path})


def test_twice_is_once_and_gone_is_gone_while_somebody_reads(env, capsys):
    statuses = []
    done = []

    def load() -> None:
        demo.run(env, remove=False, again=False)
        done.append(True)

    def read() -> None:
        while not done:
            PUBLIC_QUERIES.forget()
            numbers = list(Unit.objects.filter(kind="waybill").values_list("number", flat=True)[:3])
            asked = (*numbers, "HJ0000000000000")
            statuses.extend((number in numbers, Client().get(f"/track/{number}").status_code) for number in asked)

    at_once(load, read)
    assert set(statuses) == {(True, 200), (False, 404)}
    count = Unit.objects.filter(kind="waybill").count()
    assert count > 100
    assert stories_equal_events() >= count
    demo.run(env, remove=False, again=False)
    assert "is there" in capsys.readouterr().out
    assert Unit.objects.filter(kind="waybill").count() == count
    demo.run(env, remove=False, again=True)
    assert Unit.objects.filter(kind="waybill").count() == count
    for _ in range(2):
        demo.run(env, remove=True, again=False)
        assert "nothing of it is left" in capsys.readouterr().out
        assert Unit.objects.filter(dataset="demo").count() == 0
        assert not (env.data_dir / demo.ACCOUNTS_FILE).exists()

"""What the database itself refuses in the fleet, and how its days are made and dropped."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, connections, transaction
from django.test import Client

from huoji.apps.fleet.actions import partitions
from huoji.apps.fleet.models import Command, Conveyance, Position, Reading, Run, Terminal
from huoji.core.fleet import CommandKind, CommandState, ConveyanceKind, RunState, TerminalKind
from huoji.core.permission import KeyScope

NOW = datetime.now(UTC)


@pytest.fixture
def truck(db):
    return Conveyance.objects.create(kind=ConveyanceKind.VEHICLE, plate="沪A12345")


@pytest.fixture
def terminal(truck):
    return Terminal.objects.create(kind=TerminalKind.JT808, number="13800138000", conveyance=truck)


def _point(terminal, *, at):
    columns = {"recorded_at": NOW, "lat": 31_230_400, "lon": 121_473_700, "speed": 963, "alarm": 0, "status": 3}
    return Position.objects.create(terminal_id=terminal.pk, at=at, digest=1, history=False, **columns)


def test_a_point_has_a_day_of_its_own_and_comes_only_once(terminal):
    _point(terminal, at=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        _point(terminal, at=NOW)
    assert Position.objects.count() == 1


def test_a_wrong_clock_makes_no_partition(terminal):
    with pytest.raises(DatabaseError, match="no partition"), transaction.atomic():
        _point(terminal, at=NOW + timedelta(days=400))
    with pytest.raises(DatabaseError, match="out of range"), transaction.atomic():
        partitions.ensure_days([(NOW + timedelta(days=60)).date()])


def test_a_day_that_was_dark_is_made_when_it_is_told(terminal):
    at = NOW - timedelta(days=9)
    partitions.ensure_days([at.date()])
    assert _point(terminal, at=at).at == at


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_days_leave_whole_when_they_have_served_their_time():
    partitions.ensure_days([(NOW - timedelta(days=days)).date() for days in (200, 20)])
    assert partitions.drop_days(now=NOW) >= 4  # three of the oldest day, the filtered points of both
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s)", [f"position_d{NOW - timedelta(days=20):%Y%m%d}"])
        assert cursor.fetchone() != (None,)


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_a_day_that_was_dropped_while_a_process_remembered_it_is_made_again(make_staff, make_key, terminal):
    day = NOW.replace(hour=12) - timedelta(days=5)
    scopes = (KeyScope.READINGS_WRITE, KeyScope.POSITIONS_WRITE)
    key = make_key(make_staff("dispatch").principal, *scopes, source="late")

    def post(minute):
        at = (day + timedelta(minutes=minute)).isoformat()
        reading = {"device": "BOX-7", "metric": "temperature", "value": 4.5, "at": at}
        position = {"plate": "沪A12345", "at": at, "lat": 31.2 + minute / 1_000, "lon": 121.4}
        for address, item in (("readings", reading), ("positions", position)):
            answer = Client().post(
                f"/api/v1/{address}", json.dumps([item]), "application/json", headers={"Authorization": f"Bearer {key}"}
            )
            assert answer.json()["accepted"] == 1, answer.content

    post(0)
    with connections["owner"].cursor() as cursor:
        for parent in ("reading", "position"):
            cursor.execute(f"DROP TABLE {parent}_d{day:%Y%m%d}")
    post(9)
    assert (Reading.objects.count(), Position.objects.count()) == (1, 1)


def test_two_runs_of_one_truck_are_never_under_way_at_once(truck):
    Run.objects.create(unit_id=1, number="A/1", conveyance=truck, state=RunState.UNDER_WAY, starts_at=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        Run.objects.create(unit_id=2, number="A/2", conveyance=truck, state=RunState.UNDER_WAY, starts_at=NOW)


def test_nobody_approves_his_own_command(terminal):
    command = Command.objects.create(
        terminal=terminal, kind=CommandKind.SET_PARAMETERS, state=CommandState.AWAITING_APPROVAL, reason="换服务器",
        requested_by="staff:1", created_at=NOW, expires_at=NOW,
    )  # fmt: skip
    command.approved_by = "staff:1"
    with pytest.raises(IntegrityError), transaction.atomic():
        command.save()

"""Alarms taken up on pages: one or all of a terminal, by who may, with a note, seen by all and in the audit."""

from datetime import UTC, datetime, timedelta

import pytest

from huoji.apps.accounts.models import AuditRow
from huoji.apps.fleet.actions.alarming import FROM_TERMINAL, Clear, Raise, turn
from huoji.apps.fleet.models import Alarm, Command, Conveyance, Terminal
from huoji.kit.models import OutboxRow

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)


@pytest.fixture
def truck() -> Conveyance:
    return Conveyance.objects.create(kind="vehicle", plate="沪A12345")


@pytest.fixture
def terminal(truck) -> Terminal:
    return Terminal.objects.create(kind="jt808", number="13800138000", conveyance=truck)


def warn(terminal: Terminal, *kinds: str, at: datetime = NOW) -> dict[str, int]:
    told = [
        Raise(terminal_id=terminal.pk, conveyance_id=terminal.conveyance_id, kind=kind, source=FROM_TERMINAL, at=at)
        for kind in kinds
    ]
    turn(told, [])
    return dict(Alarm.objects.filter(cleared_at=None).values_list("kind", "pk"))


def badge_of(client, word: str) -> str:
    html = client.get("/app/fleet/").text.split(f"<span>{word}</span>")[1].split("</a>")[0]
    return html.split("</b>")[0].split(">")[-1] if "hj-badge" in html else ""


def test_a_dispatcher_takes_one_alarm_up_and_all_see_who_when_and_why(client_of, truck, terminal):
    opened = warn(terminal, "overspeed", "fatigue")
    OutboxRow.objects.all().delete()
    dispatcher = client_of("dispatch", name="宋宏伟")
    assert badge_of(dispatcher, "车船报警") == "2"
    one = f"/app/fleet/alarms/{opened['overspeed']}/acknowledge"
    assert one in dispatcher.get("/app/fleet/alarms?part=waiting").text
    answer = dispatcher.post(f"{one}?from=map", {"note": "已致电司机减速"})
    assert answer["Location"] == f"/app/dispatch/?conveyance={truck.pk}"
    assert badge_of(dispatcher, "车船报警") == "1"
    manager = client_of("dept_manager")
    for path in ("/app/fleet/alarms", f"/app/fleet/{truck.pk}", f"/app/dispatch/{truck.pk}"):
        html = manager.get(path).text
        assert "宋宏伟 已受理" in html, path
        assert "已致电司机减速" in html, path
        assert "/acknowledge" not in html, path
    waiting = dispatcher.get("/app/fleet/alarms?part=waiting").text
    assert "/acknowledge" in waiting
    assert one not in waiting
    row = AuditRow.objects.get(verb="alarm.acknowledge")
    assert (row.actor, row.target, row.cause) == (
        dispatcher.actor.principal,
        f"terminal:{terminal.pk}",
        "已致电司机减速",
    )
    assert OutboxRow.objects.get(topic="fleet.alarm").ids == [opened["overspeed"]]


def test_all_alarms_of_a_terminal_are_taken_up_at_once_and_who_was_first_stays(client_of, terminal):
    opened = warn(terminal, "overspeed", "fatigue", "fuel")
    other = Terminal.objects.create(kind="jt808", number="13800138001")
    warn(other, "overspeed")
    first, second = client_of("dispatch"), client_of("dispatch")
    first.post(f"/app/fleet/alarms/{opened['fuel']}/acknowledge", {"note": "油箱"})
    page = f"/app/fleet/alarms/{opened['fatigue']}/acknowledge"
    assert "其他 1 条报警" in second.get(page).text
    second.post(page, {"note": "换人", "with_others": "on"})
    taken = dict(Alarm.objects.exclude(acknowledged_by="").values_list("kind", "acknowledged_by"))
    mine = second.actor.principal
    assert taken == {"fuel": first.actor.principal, "fatigue": mine, "overspeed": mine}
    assert Alarm.objects.get(terminal=other).acknowledged_at is None


def test_an_alarm_that_is_over_or_not_ones_to_handle_is_refused_and_one_that_comes_again_waits_anew(
    client_of, terminal
):
    opened = warn(terminal, "overspeed")
    page = f"/app/fleet/alarms/{opened['overspeed']}/acknowledge"
    for role in ("dept_manager", "cs_agent"):
        assert client_of(role).post(page, {"note": "x"}).status_code == 403
    assert client_of("dispatch").post(page.replace(str(opened["overspeed"]), "999999"), {}).status_code == 404
    later = NOW + timedelta(minutes=5)
    turn([], [Clear(terminal_id=terminal.pk, kinds=["overspeed"], source=FROM_TERMINAL, at=later)])
    dispatcher = client_of("dispatch")
    refused = dispatcher.post(page, {"note": "x"})
    assert (refused.status_code, "已经解除" in refused.text) == (422, True)
    assert Alarm.objects.get().acknowledged_at is None
    warn(terminal, "overspeed", at=later)
    assert badge_of(dispatcher, "车船报警") == "1"


def test_what_waits_for_a_second_person_is_counted_for_who_may_agree_alone(client_of, terminal):
    Command.objects.create(
        terminal=terminal, kind="set_parameters", body={}, state="awaiting_approval", reason="换平台",
        requested_by="staff:X1", created_at=NOW, expires_at=datetime(2036, 1, 1, tzinfo=UTC),
    )  # fmt: skip
    assert badge_of(client_of("dept_manager"), "终端指令") == "1"
    assert badge_of(client_of("dispatch"), "终端指令") == ""


def test_counts_in_the_navigation_are_remembered_for_seconds(client_of, terminal):
    warn(terminal, "overspeed")
    dispatcher = client_of("dispatch")
    assert badge_of(dispatcher, "车船报警") == "1"
    warn(terminal, "fatigue")
    assert badge_of(dispatcher, "车船报警") == "1"

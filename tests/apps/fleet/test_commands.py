"""Commands to terminals: who may ask, who must agree, what can be said at all, and how each of them ends."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from hypothesis import given
from hypothesis import strategies as st

from huoji.apps.accounts.models import AuditRow
from huoji.apps.fleet.actions import commands, silence
from huoji.apps.fleet.actions.orders import OrderError, order_of, redirects
from huoji.apps.fleet.models import Alarm, Command, Contact, Terminal
from huoji.core.fleet import CommandKind, CommandState
from huoji.kit.models import OutboxRow
from huoji.kit.problem import Problem
from huoji.wire import jt808

NOW = datetime.now(UTC).replace(microsecond=0)
REDIRECT = {"parameters": {"main_server": "203.0.113.9"}}
BODIES = {
    CommandKind.LOCATE: {},
    CommandKind.TRACK: {"interval_s": 10, "valid_s": 600},
    CommandKind.TEXT: {"text": "前方事故，请绕行 S20"},
    CommandKind.SET_PARAMETERS: {"parameters": {"report_interval_s": 15, "0x0055": 90}},
    CommandKind.READ_PARAMETERS: {"parameters": ["report_interval_s"]},
    CommandKind.CONFIRM_ALARM: {"alarms": 1},
    CommandKind.SET_AREA: {"id": 1, "shape": "circle", "points": [[31_230_400, 121_473_700]], "radius_m": 500},
    CommandKind.DELETE_AREA: {"shape": "polygon", "ids": [1]},
    CommandKind.LINK_TEST: {},
}
SENDABLE = {
    0x8103, 0x8104, 0x8106, 0x8107, 0x8201, 0x8202, 0x8203, 0x8204, 0x8300,
    0x8600, 0x8601, 0x8602, 0x8603, 0x8604, 0x8605, 0x8606, 0x8607,
}  # fmt: skip


@pytest.fixture
def terminal(db):
    return Terminal.objects.create(kind="jt808", number="13800138000")


@pytest.fixture
def dispatcher(make_staff):
    return make_staff("dispatch")


@pytest.fixture
def manager(make_staff):
    return make_staff("dept_manager")


def ask(actor, terminal, kind=CommandKind.LOCATE, body=None, *, reason="客户催问", **more) -> Command:
    body = BODIES[kind] if body is None else body
    given = {"terminal_id": terminal.pk, "kind": kind, "body": body, "reason": reason, "now": NOW} | more
    return Command.objects.get(pk=commands.request_command(actor, **given))


def refusal(call, *args, **more) -> str:
    with pytest.raises(Problem) as told:
        call(*args, **more)
    return told.value.code


@pytest.mark.parametrize("kind", CommandKind, ids=str)
def test_every_kind_can_be_asked_for_and_waits_to_be_sent(kind, terminal, dispatcher):
    row = ask(dispatcher, terminal, kind)
    assert (row.state, row.requested_by, row.reason) == ("queued", dispatcher.principal, "客户催问")
    audit = AuditRow.objects.get(verb="command.request")
    assert (audit.cause, audit.target, audit.changed["kind"]) == ("客户催问", f"terminal:{terminal.pk}", kind.value)
    assert OutboxRow.objects.filter(topic="fleet.command", ids=[row.pk]).exists()


def test_a_command_needs_the_permission_a_reason_and_a_terminal_that_may_speak(terminal, dispatcher, make_staff):
    with pytest.raises(PermissionDenied):
        ask(make_staff("cs_agent"), terminal)
    assert refusal(ask, dispatcher, terminal, reason="  ") == "command_no_reason"
    Terminal.objects.update(state="blocked")
    assert refusal(ask, dispatcher, terminal) == "command_terminal"
    assert not Command.objects.exists()


def test_what_redirects_a_terminal_waits_for_a_second_person(terminal, dispatcher, manager, make_staff):
    row = ask(dispatcher, terminal, CommandKind.SET_PARAMETERS, REDIRECT)
    assert row.state == "awaiting_approval"
    assert commands.take_commands([terminal.pk], now=NOW) == []
    with pytest.raises(PermissionDenied):
        commands.approve_command(dispatcher, command_id=row.pk, reason="同意", now=NOW)
    commands.approve_command(manager, command_id=row.pk, reason="换服务器", now=NOW)
    row.refresh_from_db()
    assert (row.state, row.approved_by) == ("queued", manager.principal)
    assert AuditRow.objects.get(verb="command.approve").cause == "换服务器"
    assert refusal(commands.approve_command, manager, command_id=row.pk, reason="再", now=NOW) == "command_not_waiting"
    assert [order.command_id for order in commands.take_commands([terminal.pk], now=NOW)] == [row.pk]


def test_nobody_is_his_own_second_person_whatever_his_roles(terminal, make_staff):
    both = make_staff("dispatch", "dept_manager")
    row = ask(both, terminal, CommandKind.SET_PARAMETERS, REDIRECT)
    assert refusal(commands.approve_command, both, command_id=row.pk, reason="急", now=NOW) == "command_second_person"
    late = NOW + timedelta(days=1)
    other = make_staff("dept_manager")
    assert refusal(commands.approve_command, other, command_id=row.pk, reason="好", now=late) == "command_expired"


@pytest.mark.parametrize(
    "name",
    [
        "main_server",
        "backup_server",
        "tcp_port",
        "main_apn",
        "card_server",
        "slave_server",
        "0x0013",
        "0x0049",
        "platform_phone",
        "sms_alarm_phone",
    ],
)
def test_every_parameter_that_could_lead_a_terminal_away_counts_as_redirecting(name):
    value = 6808 if name.endswith("port") else "x"
    assert redirects(order_of(CommandKind.SET_PARAMETERS, {"parameters": {"report_interval_s": 10, name: value}}))
    assert not redirects(order_of(CommandKind.SET_PARAMETERS, {"parameters": {"report_interval_s": 10}}))


def test_a_terminal_takes_only_so_many_open_commands(terminal, dispatcher):
    for _ in range(20):
        ask(dispatcher, terminal)
    assert refusal(ask, dispatcher, terminal) == "command_too_many"


@pytest.mark.parametrize(
    ("kind", "body", "field"),
    [
        (CommandKind.LOCATE, {"where": 1}, "where"),
        (CommandKind.TRACK, {"interval_s": -1}, "interval_s"),
        (CommandKind.TRACK, {"interval_s": True}, "interval_s"),
        (CommandKind.TEXT, {"text": ""}, "text"),
        (CommandKind.TEXT, {"text": "请" * 600}, "text"),
        (CommandKind.TEXT, {"text": "RELAY,1#"}, "text"),
        (CommandKind.TEXT, {"text": "<SPBSJ*P:BSJGPS*C:1>"}, "text"),
        (CommandKind.SET_PARAMETERS, {"parameters": {"0xF001": 1}}, "parameters"),
        (CommandKind.SET_PARAMETERS, {"parameters": {"report_interval_s": "x"}}, "report_interval_s"),
        (CommandKind.SET_PARAMETERS, {"parameters": {}}, "parameters"),
        (CommandKind.SET_AREA, {"id": 1, "shape": "circle", "points": []}, "points"),
        (CommandKind.SET_AREA, {"id": 1, "shape": "star", "points": [[1, 1]]}, "shape"),
        (CommandKind.DELETE_AREA, {"shape": "circle", "ids": [0]}, "ids"),
    ],
    ids=str,
)  # fmt: skip
def test_a_body_that_is_none_is_refused_by_its_field(kind, body, field):
    with pytest.raises((OrderError, jt808.MessageError)) as told:
        order_of(kind, body)
    assert field in {getattr(told.value, "field", None), getattr(told.value, "path", None)}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
FIELDS = st.sampled_from(
    [
        "text",
        "parameters",
        "interval_s",
        "valid_s",
        "alarms",
        "id",
        "shape",
        "points",
        "radius_m",
        "ids",
        "attributes",
        "0x8500",
        "control",
    ]
)


@given(st.sampled_from(CommandKind), st.dictionaries(FIELDS, JSON, max_size=4) | st.sampled_from([*BODIES.values()]))
def test_no_body_becomes_a_message_that_controls_the_vehicle(kind, body):
    """0x8500 controls a vehicle, 0x8105 a terminal, 0x8108 installs, 0x8900 passes through: none of them can be said."""
    try:
        content = order_of(kind, body)
    except (OrderError, jt808.MessageError):
        return
    assert content.ID in SENDABLE
    for version in jt808.Version:
        (frame, *_) = jt808.encode(content, version=version, terminal="13800138000", serial=1)
        (found,) = jt808.Framer().feed(frame)
        assert jt808.decode(found).header.message_id in SENDABLE


def test_a_command_is_taken_once_and_ends_as_the_terminal_says(terminal, dispatcher):
    row = ask(dispatcher, terminal)
    assert len(commands.take_commands([terminal.pk], now=NOW)) == 1
    assert commands.take_commands([terminal.pk], now=NOW) == []
    commands.end_command(row.pk, state=CommandState.DONE, result={"result": 0}, now=NOW)
    row.refresh_from_db()
    assert (row.state, row.result, row.ended_at) == ("done", {"result": 0}, NOW)
    commands.end_command(row.pk, state=CommandState.FAILED, result={}, now=NOW)
    row.refresh_from_db()
    assert row.state == "done"


def test_what_nobody_answers_or_comes_for_times_out_and_a_late_answer_still_counts(terminal, dispatcher):
    sent, waiting = ask(dispatcher, terminal), None
    commands.take_commands([terminal.pk], now=NOW)
    waiting = ask(dispatcher, terminal)
    assert commands.expire_commands(now=NOW + timedelta(seconds=59)) == 0
    assert commands.expire_commands(now=NOW + timedelta(seconds=61)) == 1
    assert commands.expire_commands(now=NOW + timedelta(minutes=31)) == 1
    assert set(Command.objects.values_list("state", flat=True)) == {"timed_out"}
    commands.end_command(sent.pk, state=CommandState.DONE, result={}, now=NOW)
    assert set(Command.objects.values_list("pk", "state")) == {(sent.pk, "done"), (waiting.pk, "timed_out")}


def test_a_command_can_be_taken_back_until_it_is_sent(terminal, dispatcher):
    row = ask(dispatcher, terminal)
    commands.cancel_command(dispatcher, command_id=row.pk, reason="不用了", now=NOW)
    assert commands.take_commands([terminal.pk], now=NOW) == []
    assert refusal(commands.cancel_command, dispatcher, command_id=row.pk, reason="", now=NOW) == "command_too_late"


def test_silence_raises_the_alarm_offline_once_and_the_first_word_clears_it(terminal):
    Contact.objects.create(terminal=terminal, last_at=NOW - timedelta(minutes=31))
    unheard = Terminal.objects.create(kind="jt808", number="2")
    assert silence.watch(now=NOW) == (1, 0)
    assert silence.watch(now=NOW + timedelta(minutes=1)) == (0, 0)
    alarm = Alarm.objects.get()
    assert (alarm.kind, alarm.source, alarm.terminal_id, alarm.cleared_at) == ("offline", "rule", terminal.pk, None)
    Contact.objects.filter(terminal=terminal).update(last_at=NOW + timedelta(minutes=5))
    assert silence.watch(now=NOW + timedelta(minutes=6)) == (0, 1)
    alarm.refresh_from_db()
    assert alarm.cleared_at == NOW + timedelta(minutes=5)
    topics = list(OutboxRow.objects.exclude(topic="fleet.alarm").order_by("id").values_list("topic", "ids"))
    assert topics == [("fleet.silent", [terminal.pk]), ("fleet.heard", [terminal.pk])]
    assert unheard.pk not in {each.terminal_id for each in Alarm.objects.all()}

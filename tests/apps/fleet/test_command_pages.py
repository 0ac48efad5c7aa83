"""Commands to terminals, asked for and agreed to on pages as two people do it."""

import pytest
from django.test import Client

from huoji.apps.accounts.models import AuditRow
from huoji.apps.fleet.models import Command, Terminal
from huoji.core.fleet import CommandKind, CommandState, TerminalKind, TerminalState

pytestmark = pytest.mark.django_db
REDIRECT = {"parameters": "main_server = 203.0.113.9\ntcp_port = 6808", "reason": "换平台"}


@pytest.fixture
def terminal() -> Terminal:
    return Terminal.objects.create(kind=TerminalKind.JT808, number="13800138000")


@pytest.fixture
def dispatcher(client_of) -> Client:
    return client_of("dispatch", number="DISP1")


def text_of(page) -> str:
    return page.content.decode()


def ask(client: Client, terminal: Terminal, kind: str, **form):
    return client.post(f"/app/terminals/{terminal.pk}/ask/{kind}", {"reason": "客户询问位置"} | form)


@pytest.mark.parametrize(
    ("kind", "form", "body"),
    [
        ("locate", {}, {}),
        ("text", {"text": "请回电调度", "speak": "on"}, {"text": "请回电调度", "urgent": False, "speak": True, "display": False}),
        ("track", {"interval_s": "5", "valid_s": "600"}, {"interval_s": 5, "valid_s": 600}),
        ("read_parameters", {"parameters": "report_interval_s\n0x0055"}, {"parameters": ["report_interval_s", "0x0055"]}),
        ("set_parameters", {"parameters": "report_interval_s = 30"}, {"parameters": {"report_interval_s": 30}}),
        ("confirm_alarm", {"alarms": ["emergency", "danger"]}, {"alarms": 0b1001}),
        (
            "set_area",
            {"shape": "circle", "id": "7", "points": "31.2304, 121.4737", "radius_m": "500"},
            {"shape": "circle", "id": 7, "name": "", "points": [[31_230_400, 121_473_700]], "radius_m": 500},
        ),
        ("delete_area", {"shape": "circle", "ids": "7 8"}, {"shape": "circle", "ids": [7, 8]}),
        ("link_test", {}, {}),
    ],
    ids=[kind.value for kind in (
        CommandKind.LOCATE, CommandKind.TEXT, CommandKind.TRACK, CommandKind.READ_PARAMETERS, CommandKind.SET_PARAMETERS,
        CommandKind.CONFIRM_ALARM, CommandKind.SET_AREA, CommandKind.DELETE_AREA, CommandKind.LINK_TEST,
    )],
)  # fmt: skip
def test_what_is_asked_on_the_form_is_what_waits_for_the_terminal(dispatcher, terminal, kind, form, body):
    answer = ask(dispatcher, terminal, kind, **form)
    assert answer.status_code == 302, text_of(answer)
    row = Command.objects.get()
    assert (row.kind, row.body, row.state) == (kind, body, CommandState.QUEUED)
    assert "等待下发" in text_of(dispatcher.get(f"/app/terminals/{terminal.pk}"))


@pytest.mark.parametrize(
    ("kind", "form"),
    [
        pytest.param("locate", {"reason": ""}, id="no reason"),
        pytest.param("text", {"text": "*123456#"}, id="a text that is an order of a maker"),
        pytest.param("set_parameters", {"parameters": "report_interval_s"}, id="no value"),
        pytest.param("set_parameters", {"parameters": "cut_fuel = 1"}, id="what no standard knows"),
        pytest.param("set_area", {"shape": "circle", "id": "1", "points": "north"}, id="no place"),
    ],
)
def test_what_cannot_be_asked_is_refused_on_the_form(dispatcher, terminal, kind, form):
    assert ask(dispatcher, terminal, kind, **form).status_code == 422
    assert not Command.objects.exists()


def test_what_could_redirect_a_terminal_takes_a_second_person(dispatcher, client_of, terminal):
    ask(dispatcher, terminal, "set_parameters", **REDIRECT)
    row = Command.objects.get()
    assert row.state == CommandState.AWAITING_APPROVAL
    assert "/approve" not in text_of(dispatcher.get("/app/fleet/commands?part=approval"))
    manager = client_of("dept_manager", number="MGR1")
    inbox = text_of(manager.get("/app/fleet/commands?part=approval"))
    assert f"/app/fleet/commands/{row.pk}/approve" in inbox
    page = text_of(manager.get(f"/app/fleet/commands/{row.pk}/approve"))
    assert "203.0.113.9" in page
    assert manager.post(f"/app/fleet/commands/{row.pk}/approve", {"reason": "已核实"}).status_code == 302
    row.refresh_from_db()
    assert (row.state, row.requested_by, row.approved_by) == (CommandState.QUEUED, "staff:DISP1", "staff:MGR1")
    assert list(AuditRow.objects.filter(verb__startswith="command.").order_by("at").values_list("verb", "cause")) == [
        ("command.request", "换平台"), ("command.approve", "已核实"),
    ]  # fmt: skip


def test_nobody_agrees_with_himself(client_of, terminal):
    both = client_of("dispatch", "it_admin")
    ask(both, terminal, "set_parameters", **REDIRECT)
    page = both.post(f"/app/fleet/commands/{Command.objects.get().pk}/approve", {"reason": "自己批"})
    assert page.status_code == 422
    assert "须由另一人批准" in text_of(page)


def test_a_command_is_taken_back_while_it_waits_and_not_later(dispatcher, terminal):
    ask(dispatcher, terminal, "locate")
    row = Command.objects.get()
    dispatcher.post(f"/app/fleet/commands/{row.pk}/cancel", {"reason": "误点"})
    assert Command.objects.get().state == CommandState.CANCELLED
    page = dispatcher.post(f"/app/fleet/commands/{row.pk}/cancel", {"reason": "误点"})
    assert "不能取消" in text_of(page)


@pytest.mark.parametrize(
    "change",
    [{"state": TerminalState.BLOCKED}, {"state": TerminalState.PENDING}, {"kind": TerminalKind.HTTP}],
    ids=["blocked", "pending", "not a road terminal"],
)
def test_only_an_admitted_road_terminal_is_asked(dispatcher, terminal, change):
    Terminal.objects.update(**change)
    assert ask(dispatcher, terminal, "locate").status_code == 409
    assert not Command.objects.exists()


def test_the_answer_of_the_terminal_is_shown(dispatcher, terminal):
    ask(dispatcher, terminal, "read_parameters")
    Command.objects.update(state=CommandState.DONE, result={"parameters": {"report_interval_s": 30}})
    rows = dispatcher.get(f"/app/terminals/{terminal.pk}/commands", headers={"hx-request": "true"})
    assert "终端已执行" in text_of(rows)
    assert "report_interval_s" in text_of(rows)
    assert "data-live-token" in text_of(rows)

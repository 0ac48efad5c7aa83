"""The demonstration goes in through the same actions as everything else, can be seen, and leaves without trace."""

import re
import stat
from datetime import UTC, datetime

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client

from huoji.apps.accounts import queries as accounts
from huoji.apps.accounts.actions import create_staff
from huoji.apps.fleet.queries import plans
from huoji.apps.places import actions as places
from huoji.apps.places import queries as place_queries
from huoji.apps.shipments.actions import recording, running, shipping, sourcing
from huoji.apps.shipments.actions.recording import Writing
from huoji.apps.shipments.models import State, Unit
from huoji.apps.warehouse.models import Anomaly, Discrepancy, Stay
from huoji.config import demo, guard
from huoji.config.env import Env
from huoji.core import draft, report
from huoji.core.draft import ShipmentTold
from huoji.core.fleet import RunState
from huoji.core.milestone import Status
from huoji.core.milestones import meaning
from huoji.core.permission import system
from huoji.core.place import SiteDraft, SiteKind
from huoji.core.report import Told
from huoji.core.role import DEFAULT_ROLES

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
NOW = datetime.now(UTC)
WAYBILLS = 300
# What is used up or remembered by design: numbers, the audit of others, what the process tells of itself.
NOT_TRACES = {"django_migrations", "kit_ingest_slot", "kit_heartbeat", "kit_outbox", "places_placesversion", "source"}


@pytest.fixture
def env(tmp_path, settings):
    return settings.HUOJI.__class__(**{**fields(settings.HUOJI), "data_dir": tmp_path})


def fields(env: Env) -> dict:
    return {name: getattr(env, name) for name in env.__dataclass_fields__}


def rows() -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition"
        )
        tables = {row[0] for row in cursor.fetchall()} - NOT_TRACES
        found = {}
        for table in sorted(tables):
            cursor.execute(f'SELECT count(*) FROM "{table}"')
            found[table] = cursor.fetchone()[0]
    return found


def test_it_is_seen_guarded_and_gone_without_trace(env, capsys):
    """One load serves several questions: it takes seconds."""
    own_shipment()
    assert [(row.text, row.events) for row in place_queries.unknown_texts()] == [("SHA-HUB", 1)]
    before = rows()
    demo.load(env, now=NOW, waybills=WAYBILLS)
    assert not place_queries.unknown_texts()
    _everything_is_marked()
    _every_status_is_there()
    _the_warehouses_hold_goods()
    _every_trip_is_known_as_what_it_is()
    _the_public_page_answers()
    _staff_of_every_role_can_sign_in(env, capsys.readouterr().out)
    _it_is_guarded(env)
    own_event("arrived", place="SHA-HUB")
    assert "上海分拨中心" in Client().get("/track/OWN00001").content.decode()
    demo.take_away(env)
    assert rows() == before | {"event": before["event"] + 1, "story_stale": 1}
    page = Client().get("/track/OWN00001").content.decode()
    assert "SHA-HUB" in page
    assert "上海分拨中心" not in page
    assert not (env.data_dir / demo.ACCOUNTS_FILE).exists()


def _every_trip_is_known_as_what_it_is() -> None:
    """Else the first hour would take trips of last week for such that begin."""
    ids = list(Unit.objects.filter(kind__in=("trip", "voyage"), dataset="demo").values_list("pk", flat=True))
    before = plans.runs_of(ids)
    assert any(run.state is RunState.UNDER_WAY for run in before.values())
    made = running.recognise(ids, now=NOW)
    assert len(made) < len(before) / 10, "only what is loaded and has not left yet is still to be recognised"
    running.begin(made, now=NOW)
    after = plans.runs_of(before)
    assert all(after[run_id].state is RunState.ENDED for run_id, run in before.items() if run.state is RunState.ENDED)


def own_shipment() -> None:
    """Rows of the carrier himself, some of which touch the demonstration later."""
    places.create_site(system("tests"), SiteDraft(code="OWN-01", name="自有网点", kind=SiteKind.OUTLET))
    create_staff(system("tests"), staff_number="OWN1", name="自己人", password="river-lantern-41", roles=["outlet"])
    writing = Writing(actor=system("tests"), source=sourcing.ensure("desk"), now=NOW)
    shipping.ship(
        [draft.check(ShipmentTold(line="road", number="OWN00001", origin="OWN-01"), assumed_offset_min=480)], writing
    )
    own_event("picked_up", place="SHA-HUB")


def own_event(milestone: str, *, place: str) -> None:
    writing = Writing(actor=system("tests"), source=sourcing.ensure("desk"), now=NOW)
    told = Told(number="OWN00001", occurred_at="2026-11-02T10:00:00+08:00", milestone=milestone, place=place)
    recording.record([report.check(told, source="desk", assumed_offset_min=480, meaning=meaning)], writing)


def _everything_is_marked() -> None:
    assert set(Unit.objects.exclude(number="OWN00001").values_list("dataset", flat=True)) == {"demo"}
    for table in (
        "waybill",
        "party",
        "event",
        "evidence",
        "batch",
        "order_",
        "customers_customer",
        "customers_contact",
        "places_lane",
    ):
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT count(*) FILTER (WHERE dataset = 'demo'), count(*) FILTER (WHERE dataset <> 'demo') FROM {table}"
            )
            marked, others = cursor.fetchone()
        assert marked > 0, table
        assert others <= 1, table


def _every_status_is_there() -> None:
    assert set(State.objects.values_list("status", flat=True)) == {status.value for status in Status}
    assert State.objects.filter(stalled_since__isnull=False).exists()
    assert State.objects.filter(late_min__gt=0).exists()


def _the_warehouses_hold_goods() -> None:
    assert Stay.objects.filter(until=None, location__isnull=False).exists()
    assert Stay.objects.filter(until__isnull=False).exists()
    assert Anomaly.objects.filter(exception_id__isnull=False).exists()
    assert Discrepancy.objects.filter(state="open").exists()


def _the_public_page_answers() -> None:
    number = Unit.objects.filter(kind="waybill", dataset="demo").order_by("id").last().number
    page = Client().get(f"/track/{number}")
    assert page.status_code == 200
    assert number in page.content.decode()


def _staff_of_every_role_can_sign_in(env, printed: str) -> None:
    path = env.data_dir / demo.ACCOUNTS_FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_text() in printed
    lines = re.findall(r"(D\d{4})  (\S+)  (\S+)", path.read_text())
    assert {role for _, _, role in lines} == {role.code for role in DEFAULT_ROLES}
    assert len({password for _, password, _ in lines}) == len(lines)
    number, password, _ = lines[0]
    assert get_user_model().objects.get(staff_number=number).check_password(password)
    courier = next(number for number, _, role in lines if role == "courier")
    assert place_queries.site_ids_of(accounts.actor_for_number(courier).staff_id)


def _it_is_guarded(env) -> None:
    assert accounts.has_demo_staff()
    away = env.__class__(**{**fields(env), "bind": "0.0.0.0"})
    assert "demo --remove" in guard.refusal(away)


def test_a_load_that_was_cut_short_is_begun_anew(env, monkeypatch):
    def power_cut(*_args, **_kwargs):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(demo, "_load_shipments", power_cut)
        with pytest.raises(KeyboardInterrupt):
            demo.load(env, now=NOW, waybills=WAYBILLS)
    monkeypatch.setattr(demo, "WAYBILLS", WAYBILLS)
    monkeypatch.setattr(demo, "load", lambda env, now: None)
    demo.run(env, remove=False, again=False)
    assert not accounts.has_demo_staff()


@pytest.mark.soak
def test_the_whole_of_it_loads_within_half_a_minute(env):
    before = datetime.now(UTC)
    demo.load(env, now=NOW)
    assert (datetime.now(UTC) - before).total_seconds() < 30
    assert Unit.objects.filter(kind="waybill").count() >= 5_000

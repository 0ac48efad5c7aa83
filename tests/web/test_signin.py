"""Sign-in over HTTP: by number, limited, with a second factor, seen in the audit, and revocable."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.usersessions.models import UserSession
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.test import Client

from huoji.apps.accounts import actions
from huoji.apps.accounts.models import AuditRow
from huoji.apps.accounts.queries import alarms
from huoji.kit import jobs
from huoji.kit.health import State
from tests.people import PASSWORD, SYSTEM

LOGIN = "/accounts/login/"
pytestmark = pytest.mark.django_db


def sign_in(client: Client, number: str, password: str = PASSWORD, **extra):
    return client.post(LOGIN, {"login": number, "password": password}, **extra)


def later(seconds: float):
    """Return a clock that is ahead."""
    real = time.time
    return lambda: real() + seconds


def totp_now(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


def is_in(client: Client) -> bool:
    return client.get("/accounts/sessions/").status_code == 200


@pytest.mark.req("L10", part="staff login and session audit")
def test_staff_sign_in_by_number_and_leave_rows_of_it(client, make_staff):
    make_staff("cs_agent", number="8012")
    answer = sign_in(client, "8012")
    assert answer.status_code == 302
    assert answer["Location"] == "/app/"
    assert is_in(client)
    client.post("/accounts/logout/")
    assert not is_in(client)
    rows = AuditRow.objects.filter(target="staff:8012", verb__startswith="session").order_by("id")
    assert [(row.actor, row.verb) for row in rows] == [("staff:8012", "session.start"), ("staff:8012", "session.end")]
    assert rows[0].changed["client"] == "127.0.0.1"
    assert rows[0].request_id


def test_the_number_may_be_written_small(client, make_staff):
    make_staff("cs_agent", number="CS-12")
    assert sign_in(client, "cs-12").status_code == 302


def test_a_wrong_password_is_refused_and_seen_in_the_audit(client, make_staff):
    make_staff(number="8012")
    page = sign_in(client, "8012", "wrong")
    assert page.status_code == 200
    assert "工号或密码不正确" in page.content.decode()
    assert sign_in(client, "no-such-number-or-a-password", "wrong").status_code == 200
    assert not is_in(client)
    row = AuditRow.objects.get(verb="session.refuse")
    assert (row.actor, row.target) == ("public", "staff:8012")


def test_who_left_cannot_sign_in_and_is_thrown_out(client, make_staff):
    actor = make_staff(number="8012")
    sign_in(client, "8012")
    assert is_in(client)
    actions.set_staff_active(SYSTEM, staff_id=actor.staff_id, active=False, cause="left")
    assert not is_in(client)
    sign_in(client, "8012")
    assert not is_in(client)


def test_guessing_is_stopped_for_the_number_and_known_to_every_process(make_staff):
    make_staff(number="8012")
    for attempt in range(5):
        sign_in(Client(REMOTE_ADDR=f"203.0.113.{attempt}"), "8012", "wrong")
    late = Client(REMOTE_ADDR="203.0.113.99")
    sign_in(late, "8012")
    assert not is_in(late), "the right password after five wrong ones must wait"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("time.time", later(301))
        sign_in(late, "8012")
        assert is_in(late)


def test_the_count_of_failures_lives_in_the_database(make_staff):
    from django.conf import settings
    from django.db import connection

    make_staff(number="8012")
    sign_in(Client(), "8012", "wrong")
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FROM {settings.CACHES['default']['LOCATION']} WHERE cache_key LIKE '%login_failed%'"
        )
        assert cursor.fetchone()[0] >= 1


def activate_totp(client: Client) -> tuple[str, list[str]]:
    page = client.get("/accounts/2fa/totp/activate/")
    if page.status_code == 302:
        client.post(page["Location"], {"password": PASSWORD})
        page = client.get("/accounts/2fa/totp/activate/")
    secret = page.context["form"].secret
    answer = client.post("/accounts/2fa/totp/activate/", {"code": totp_now(secret)})
    assert answer.status_code == 302, answer.context["form"].errors
    codes = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()
    return secret, codes


@pytest.mark.django_db(transaction=True)
def test_a_second_factor_is_asked_for_and_a_recovery_code_works_once(make_staff):
    actor = make_staff("cs_agent", number="8012")
    owner = Client()
    sign_in(owner, "8012")
    secret, codes = activate_totp(owner)
    stored = Authenticator.objects.get(user_id=actor.staff_id, type="totp").data["secret"]
    assert secret not in stored, "a copy of the database must not be a second factor"

    fresh = Client()
    answer = sign_in(fresh, "8012")
    assert answer["Location"].startswith("/accounts/2fa/authenticate/")
    assert not is_in(fresh), "the password alone is not enough"
    fresh.post("/accounts/2fa/authenticate/", {"code": "000000"})
    assert not is_in(fresh)
    with pytest.MonkeyPatch.context() as patch:  # the code that activated it is spent
        patch.setattr("time.time", later(60))
        fresh.post("/accounts/2fa/authenticate/", {"code": totp_now(secret)})
    assert is_in(fresh)

    for wanted in (True, False):
        spare = Client()
        sign_in(spare, "8012")
        spare.post("/accounts/2fa/authenticate/", {"code": codes[0]})
        assert is_in(spare) is wanted

    verbs = set(AuditRow.objects.filter(target="staff:8012").values_list("verb", flat=True))
    assert {"totp.activate", "session.start"} <= verbs

    actions.reset_second_factors(SYSTEM, staff_id=actor.staff_id, cause="phone lost")
    assert not is_in(fresh)
    sign_in(fresh, "8012")
    assert is_in(fresh)


def test_a_second_factor_of_another_secret_key_lets_nobody_in_and_breaks_nothing(make_staff, settings):
    make_staff("cs_agent", number="8012")
    owner = Client()
    sign_in(owner, "8012")
    secret, codes = activate_totp(owner)
    settings.SECRET_KEY = "another-key-" * 5
    fresh = Client()
    sign_in(fresh, "8012")
    for code in (totp_now(secret), codes[0], totp_now("")):
        assert fresh.post("/accounts/2fa/authenticate/", {"code": code}).status_code == 200
    assert not is_in(fresh)


def test_sessions_are_listed_and_the_others_can_be_ended(make_staff):
    make_staff(number="8012")
    here, there = Client(HTTP_USER_AGENT="here"), Client(HTTP_USER_AGENT="there")
    sign_in(here, "8012")
    sign_in(there, "8012")
    page = here.get("/accounts/sessions/").content.decode()
    assert "here" in page
    assert "there" in page
    here.post("/accounts/sessions/")
    assert is_in(here)
    assert not is_in(there)
    assert UserSession.objects.count() == 1


def test_a_first_password_must_be_changed_before_anything_else(client, make_staff):
    make_staff("cs_agent", number="8012", must_change_password=True)
    sign_in(client, "8012")
    assert client.get("/app/")["Location"] == "/accounts/password/change/"
    assert client.get("/api/v1/customers").json()["code"] == "password_change_needed"
    chosen = "harbour-violet-93"
    client.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": chosen, "password2": chosen})
    assert client.get("/app/").status_code != 302
    assert client.get("/api/v1/customers").status_code == 200
    assert sign_in(Client(), "8012", chosen).status_code == 302
    assert AuditRow.objects.filter(verb="password.change", target="staff:8012").exists()


def test_nobody_can_sign_himself_up(client):
    client.post("/accounts/signup/", {"username": "9999", "password1": PASSWORD, "password2": PASSWORD})
    assert not get_user_model().objects.exists()


@pytest.mark.parametrize("next_page", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_sign_in_leads_nowhere_else(client, make_staff, next_page):
    make_staff(number="8012")
    answer = client.post(LOGIN, {"login": "8012", "password": PASSWORD, "next": next_page})
    assert answer["Location"] == "/app/"


def test_too_many_sign_ins_from_one_client_are_told_to_wait(client):
    answers = [sign_in(client, "8012", "wrong").status_code for _ in range(31)]
    assert answers[-1] == 429
    assert "text/html" in sign_in(client, "8012")["Content-Type"]


@pytest.mark.parametrize(
    "credential", ["{}", "[]", "null", "1", '{"id": 1}', "not json", '{"rawId": "x", "response": {}}']
)
def test_a_broken_passkey_is_a_clients_mistake(client, credential):
    client.get("/accounts/2fa/webauthn/login/", headers={"accept": "application/json"})
    answer = client.post("/accounts/2fa/webauthn/login/", {"credential": credential})
    assert answer.status_code < 500
    assert not is_in(client)


def test_sessions_that_ended_by_themselves_leave_the_list(make_staff):
    make_staff(number="8012")
    here, gone = Client(), Client()
    sign_in(here, "8012")
    sign_in(gone, "8012")
    Session.objects.filter(session_key=gone.session.session_key).update(expire_date=datetime(2001, 1, 1, tzinfo=UTC))
    actions.forget_ended_sessions(now=datetime.now(UTC) + timedelta(minutes=2))
    assert [row.session_key for row in UserSession.objects.all()] == [here.session.session_key]
    assert is_in(here)


def test_the_health_page_warns_while_passwords_are_guessed(make_staff, client_of):
    make_staff(number="8012")
    for attempt in range(alarms.GUESSES_WARN):
        actions.record_failed_sign_in(staff_number="8012", client=f"203.0.113.{attempt}", request_id="")
    assert alarms.guesses(datetime.now(UTC)).state is State.WARN
    jobs.check_health(datetime.now(UTC))
    assert "session.refuse" in client_of("it_admin").get("/app/health").content.decode()

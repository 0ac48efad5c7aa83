"""Refusals are told with stable codes, to programs and to people."""

import ast
import importlib
from pathlib import Path

import psycopg
import pytest
from django.core.exceptions import RequestDataTooBig
from django.db import OperationalError
from django.test import RequestFactory, override_settings
from django.urls import path

from huoji.core.permission import ANONYMOUS, Permission, system
from huoji.kit import problem
from huoji.kit.http import needs
from huoji.kit.problem import Problem
from huoji.web import urls

SOURCE = Path(__file__).resolve().parents[2] / "src" / "huoji"


def raised_codes():
    """Yield each literal code and status that the source gives to Problem(...)."""
    for file in SOURCE.glob("**/*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Problem" and len(node.args) > 1:
                code, status = node.args[:2]
                if isinstance(code, ast.Constant) and isinstance(status, ast.Constant):
                    yield file.name, code.value, status.value


def test_every_code_that_the_source_raises_is_in_the_catalogue_with_its_status():
    for file in SOURCE.glob("**/*.py"):
        if "declare(" in file.read_text():
            importlib.import_module(".".join(file.relative_to(SOURCE.parent).with_suffix("").parts))
    wrong = [
        (name, code, status)
        for name, code, status in raised_codes()
        if code not in problem.CATALOGUE or problem.CATALOGUE[code].status != status
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("error", "code", "status"),
    [
        (Problem("conflict", 409), "conflict", 409),
        (RequestDataTooBig(), "body_too_large", 413),
        (OperationalError("server closed the connection"), "unavailable", 503),
        (psycopg.OperationalError("server closed the connection"), "unavailable", 503),
    ],
)
def test_an_exception_means_one_problem(error, code, status):
    found = problem.of_exception(error)
    assert found is not None
    assert (found.code, found.status) == (code, status)


def test_a_bug_of_ours_means_no_problem():
    assert problem.of_exception(KeyError("x")) is None


def raising(error):
    def view(request):
        raise error

    return view


@needs(Permission.HEALTH_VIEW)
def guarded(request):
    raise Problem("conflict", 409)


urlpatterns = [
    path("broken", raising(RuntimeError("138 0013 8000"))),
    path("database", raising(OperationalError("gone"))),
    path("api/broken", raising(RuntimeError("138 0013 8000"))),
    path("guarded", guarded),
    path("api/guarded", guarded),
    *urls.urlpatterns,
]
handler500 = "huoji.kit.problem.server_error"
handler404 = "huoji.kit.problem.not_found"


@pytest.fixture
def own_urls():
    with override_settings(
        ROOT_URLCONF=__name__,
        MIDDLEWARE=["huoji.kit.middleware.RequestMiddleware", "huoji.kit.middleware.ProblemMiddleware"],
    ):
        yield


@pytest.mark.usefixtures("own_urls")
class TestThroughTheDoor:
    def test_a_bug_is_a_plain_500_with_the_request_id_and_without_its_message(self, client):
        client.raise_request_exception = False
        answer = client.get("/api/broken", HTTP_X_REQUEST_ID="abc-12345678")
        assert answer.status_code == 500
        assert answer["Content-Type"] == "application/problem+json"
        assert answer.json()["code"] == "internal_error"
        assert answer.json()["request_id"] == answer["X-Request-Id"] == "abc-12345678"
        assert b"138" not in answer.content
        page = client.get("/broken")
        assert page.status_code == 500
        assert "138" not in page.content.decode()
        assert page["X-Request-Id"] in page.content.decode()

    def test_a_database_that_is_away_is_a_503_that_says_when_to_come_back(self, client):
        answer = client.get("/database")  # no database mark here: a page that asked it would fail this test
        assert answer.status_code == 503
        assert answer["Retry-After"] == "5"
        assert "text/html" in answer["Content-Type"]

    def test_a_hostile_request_id_is_replaced(self, client):
        assert client.get("/database", HTTP_X_REQUEST_ID='x"}\n{').headers["X-Request-Id"].isalnum()

    def test_an_anonymous_person_is_led_to_the_sign_in_and_back(self, client):
        answer = client.get("/guarded?tab=2")
        assert answer.status_code == 302
        assert answer["Location"] == "/accounts/login/?next=%2Fguarded%3Ftab%3D2"

    def test_an_htmx_fragment_moves_the_whole_page_to_the_sign_in(self, client):
        answer = client.get("/guarded", headers={"HX-Request": "true", "HX-Current-URL": "http://evil.example/app/x"})
        assert answer["HX-Redirect"] == "/accounts/login/?next=%2Fapp%2Fx"

    def test_an_anonymous_program_gets_a_401_problem(self, client):
        answer = client.get("/api/guarded")
        assert answer.status_code == 401
        assert answer.json()["code"] == "sign_in_required"
        assert answer["WWW-Authenticate"] == "Bearer"

    def test_an_unknown_api_path_is_a_404_problem(self, client):
        assert client.get("/api/nothing").json()["code"] == "not_found"
        assert "text/html" in client.get("/nothing")["Content-Type"]


def test_needs_lets_the_allowed_pass_and_names_what_is_missing():
    request = RequestFactory().get("/api/x")
    request.actor = system("test")
    with pytest.raises(Problem, match="conflict"):
        guarded(request)
    request.actor = ANONYMOUS
    with pytest.raises(Problem, match="sign_in_required"):
        guarded(request)
    assert guarded.needs == (Permission.HEALTH_VIEW,)

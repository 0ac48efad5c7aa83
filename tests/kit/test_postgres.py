"""The embedded server starts, survives kills and keeps the two roles apart."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from django.contrib.auth.models import Group
from django.db import connection

from huoji.kit import postgres, provision


@pytest.mark.django_db
def test_tests_speak_to_the_database_as_the_application_role():
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)")
        assert cursor.fetchone() == (postgres.APP_ROLE, False)


@pytest.mark.django_db
def test_the_application_role_cannot_change_the_schema():
    with connection.cursor() as cursor, pytest.raises(Exception, match="permission denied"):
        cursor.execute("CREATE TABLE sneaky (id int)")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("run", [1, 2])
def test_rows_of_a_transactional_test_do_not_reach_the_next(run):
    assert not Group.objects.exists()
    Group.objects.create(name=f"of run {run}")


def test_trigrams_see_chinese_letters(cluster):
    with psycopg.connect(cluster.conninfo(database="postgres", role=postgres.SUPERUSER)) as link:
        link.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        assert link.execute("SELECT cardinality(show_trgm('上海分拨中心'))").fetchone() == (7,)


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """A server that these tests may kill."""
    server = postgres.Cluster(
        folder=tmp_path_factory.mktemp("pg"), extra=(("fsync", "off"), ("shared_buffers", "16MB"))
    )
    yield server
    postgres.stop(server)


def test_a_killed_server_starts_again_with_every_committed_row(own):
    postgres.start(own)
    with psycopg.connect(own.conninfo(database="postgres", role=postgres.SUPERUSER)) as link:
        link.execute("CREATE TABLE kept AS SELECT 1 AS one")
    os.kill(postgres.postmaster_pid(own), signal.SIGKILL)
    assert postgres.start(own) is True
    with psycopg.connect(own.conninfo(database="postgres", role=postgres.SUPERUSER)) as link:
        assert link.execute("SELECT one FROM kept").fetchall() == [(1,)]


def test_a_pid_that_another_process_took_over_is_not_taken_for_the_server(own):
    postgres.start(own)
    postgres.stop(own)
    (own.data / "postmaster.pid").write_text(f"{os.getpid()}\n{own.data}\n")
    assert postgres.postmaster_pid(own) is None
    assert postgres.start(own) is True


def test_of_many_starters_one_starts_the_server_and_the_others_find_it(own):
    postgres.stop(own)
    with ThreadPoolExecutor(4) as starters:
        assert sorted(starters.map(lambda _: postgres.start(own), range(4))) == [False, False, False, True]


def test_work_on_a_stopped_server_leaves_it_stopped_and_on_a_running_one_running(own):
    postgres.stop(own)
    with postgres.running(own):
        assert postgres.is_ready(own)
    assert not postgres.is_ready(own)
    postgres.start(own)
    with postgres.running(own):
        pass
    assert postgres.is_ready(own)


def test_a_killed_initdb_never_looks_finished(tmp_path):
    half = postgres.Cluster(folder=tmp_path, extra=(("fsync", "off"),))
    (tmp_path / "pg.new").mkdir()
    (tmp_path / "pg.new" / "PG_VERSION").write_text("18")
    with postgres.running(half):
        assert postgres.is_ready(half)


def test_a_path_too_long_for_a_socket_is_replaced_by_a_private_folder(tmp_path):
    deep = postgres.Cluster(folder=tmp_path / ("x" * 100))
    assert len(str(deep.sockets)) + len(postgres.SOCKET_NAME_LONGEST) <= postgres.SOCKET_PATH_BYTES_MAX


def test_the_application_role_may_use_what_the_owner_makes_and_the_log_keeps_no_values(own):
    postgres.start(own)
    provision.make_database(own, database="twice")
    provision.make_database(own, database="twice")
    with psycopg.connect(own.conninfo(database="twice", role=postgres.OWNER_ROLE)) as owner:
        owner.execute("CREATE TABLE made (id bigint GENERATED ALWAYS AS IDENTITY, phone text UNIQUE)")
    with psycopg.connect(own.conninfo(database="twice", role=postgres.APP_ROLE), autocommit=True) as app:
        app.execute("INSERT INTO made (phone) VALUES ('13800138000')")
        with pytest.raises(psycopg.errors.UniqueViolation):
            app.execute("INSERT INTO made (phone) VALUES ('13800138000')")
        app.execute("DELETE FROM made")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute("TRUNCATE made")
    assert not any(b"13800138000" in path.read_bytes() for path in (own.data / "log").iterdir())

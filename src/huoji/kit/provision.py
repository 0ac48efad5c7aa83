"""The two roles and the databases of the embedded server, and who may do what in them."""

import psycopg
from psycopg import sql

from huoji.kit.postgres import APP_ROLE, OWNER_ROLE, SUPERUSER, Cluster, locked

# What the owner makes, the application may use. A migration takes UPDATE and DELETE back from append-only tables.
GRANTS = f"""
GRANT USAGE ON SCHEMA public TO {APP_ROLE};
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {APP_ROLE};
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT, UPDATE ON SEQUENCES TO {APP_ROLE};
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT EXECUTE ON FUNCTIONS TO {APP_ROLE};
"""


def make_database(cluster: Cluster, *, database: str) -> None:
    """Make sure that the two roles and the database exist; harmless beside others that do the same."""
    with locked(cluster), _connect(cluster, database="postgres", role=SUPERUSER) as connection:
        for role in (OWNER_ROLE, APP_ROLE):
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone():
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)))
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone():
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(database), sql.Identifier(OWNER_ROLE))
            )
        with _connect(cluster, database=database, role=OWNER_ROLE) as owner:
            if not owner.execute("SELECT 1 FROM pg_default_acl").fetchone():
                owner.execute(GRANTS)


def _connect(cluster: Cluster, *, database: str, role: str) -> psycopg.Connection:
    return psycopg.connect(cluster.conninfo(database=database, role=role), autocommit=True)


def drop_database(cluster: Cluster, *, database: str) -> None:
    """Remove a scratch database, whoever is connected to it."""
    with _connect(cluster, database="postgres", role=SUPERUSER) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))

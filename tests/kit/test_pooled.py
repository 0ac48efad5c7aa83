"""Our database backend."""

import psycopg
from django.db import connection

from huoji.kit.pooled.base import DatabaseWrapper


def test_a_program_that_makes_connections_of_its_own_learns_where_the_database_is_also_when_there_is_a_pool(db):
    known = connection.settings_dict
    pooled = DatabaseWrapper(
        {**known, "OPTIONS": {**known["OPTIONS"], "pool": {"min_size": 0, "max_size": 1}}}, alias="pooled"
    )
    before = pooled.get_connection_params()
    try:
        assert pooled.pool
        assert pooled.get_connection_params() == before
        pooled.get_connection_params().clear()  # as the worker does, which takes out what it cannot use
        assert pooled.get_connection_params()["dbname"] == known["NAME"]
    finally:
        pooled.close_pool()


def test_a_statement_that_asks_for_it_is_prepared_and_no_other(db):
    connection.ensure_connection()
    with psycopg.Cursor(connection.connection) as cursor:
        cursor.execute("SELECT %s AS asked", [1], prepare=True)
    for _ in range(8):  # the driver's own habit is to prepare what comes more than five times
        with connection.cursor() as cursor:
            cursor.execute("SELECT %s AS unasked", [1])
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements WHERE statement LIKE '%%asked'")
        assert cursor.fetchall() == [("SELECT $1 AS asked",)]

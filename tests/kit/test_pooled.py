"""Our database backend."""

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

"""The two connections of an installation: huoji_app for every process, huoji_owner for migrations, retention and backup."""

from pathlib import Path
from typing import Any

from huoji.config.env import Env
from huoji.kit import postgres

DATABASE = "huoji"
# A connection lives ten minutes: what it prepared before an update changed a column fails for as long as it lives.
POOL: dict[str, float] = {"min_size": 1, "max_size": 10, "timeout": 3, "max_lifetime": 600}
# Django tells the driver to prepare nothing, whatever a statement asks for; a number that is never reached lets those be
# prepared that ask for it, and no others.
PREPARED_AFTER = 2**31


def cluster(data_dir: Path) -> postgres.Cluster:
    """Return the embedded server of a data folder."""
    return postgres.Cluster(folder=data_dir)


def connections(*, data_dir: Path, database_url: str, owner_url: str) -> dict[str, dict[str, Any]]:
    """Return Django's DATABASES: embedded over the unix socket, or wherever the operator's addresses point."""
    if database_url:
        app, owner = _from_url(database_url), _from_url(owner_url or database_url)
    else:
        home = cluster(data_dir)
        app = _from_url(home.conninfo(database=DATABASE, role=postgres.APP_ROLE))
        owner = _from_url(home.conninfo(database=DATABASE, role=postgres.OWNER_ROLE))
    app["OPTIONS"]["pool"] = POOL
    owner["OPTIONS"]["options"] = "-c lock_timeout=10s"
    return {"default": app, "owner": owner}


def conninfo(env: Env, alias: str) -> str:
    """Return the connection string of an alias, for what speaks to PostgreSQL without Django."""
    if env.database_url:
        return (env.owner_database_url or env.database_url) if alias == "owner" else env.database_url
    role = postgres.OWNER_ROLE if alias == "owner" else postgres.APP_ROLE
    return cluster(env.data_dir).conninfo(database=DATABASE, role=role)


def _from_url(url: str) -> dict[str, Any]:
    from psycopg.conninfo import conninfo_to_dict  # `huoji up` stays resident without the driver

    parts: dict[str, Any] = {key: value for key, value in conninfo_to_dict(url).items() if value is not None}
    return {
        "ENGINE": "huoji.kit.pooled",
        "NAME": parts.pop("dbname", DATABASE),
        "USER": parts.pop("user", ""),
        "PASSWORD": parts.pop("password", ""),
        "HOST": parts.pop("host", ""),
        "PORT": str(parts.pop("port", "")),
        "CONN_MAX_AGE": 0,
        "OPTIONS": {**parts, "application_name": "huoji", "prepare_threshold": PREPARED_AFTER},
    }

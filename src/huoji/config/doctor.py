"""`huoji doctor`: look at an installation, say what is wrong and what to do about it."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from pathlib import Path

import psycopg

from huoji.config import database, gateways, serve
from huoji.config.env import LOOPBACK, Env
from huoji.kit import backup, postgres

FREE_BYTES_MIN = 2 * 1024**3
SERVER_VERSION_MIN = 150000
CLOCK_SKEW_MAX = timedelta(seconds=5)
BACKUP_AGE_MAX = timedelta(hours=26)


class Verdict(Enum):
    """How a look came out; only WRONG makes the command fail."""

    OK = "ok"
    NOTE = "note"
    WRONG = "WRONG"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What was found, and what to do if it is not as it should be."""

    verdict: Verdict
    what: str
    advice: str = ""


def _ok(what: str) -> Finding:
    return Finding(verdict=Verdict.OK, what=what)


def _note(what: str, advice: str) -> Finding:
    return Finding(verdict=Verdict.NOTE, what=what, advice=advice)


def _wrong(what: str, advice: str) -> Finding:
    return Finding(verdict=Verdict.WRONG, what=what, advice=advice)


def doctor(env: Env) -> int:
    """Print every finding; return 1 if something is wrong."""
    worst = 0
    for look in LOOKS:
        for finding in look(env):
            print(f"{finding.verdict.value:>6}  {finding.what}")
            if finding.advice:
                print(f"        → {finding.advice}")
            worst = max(worst, finding.verdict is Verdict.WRONG)
    return int(worst)


def look_at_folder(env: Env) -> Iterator[Finding]:
    """Look at the data folder: there, ours, closed to others, with room."""
    folder = env.data_dir
    if not folder.is_dir():
        yield _note(f"The data folder {folder} does not exist yet.", "`huoji up` makes it.")
        return
    if not os.access(folder, os.W_OK | os.X_OK):
        yield _wrong(f"The data folder {folder} cannot be written to.", f"Run Huoji as its owner ({folder.owner()}).")
    for path in (folder, folder / "secret.key"):
        if path.exists() and path.stat().st_mode & 0o066:
            yield _wrong(f"{path} can be read by others.", f"chmod go= {path}")
    free = shutil.disk_usage(folder).free
    room = f"{free / 1024**3:.1f} GiB free in {folder}"
    yield _ok(room) if free >= FREE_BYTES_MIN else _wrong(room, "Make room: PostgreSQL stops when the disk is full.")


def look_at_doors(env: Env) -> Iterator[Finding]:
    """Look at ports and what the world can reach."""
    own = [("HUOJI_WEB_PORT", env.bind, env.web_port), ("HUOJI_LIVE_PORT", env.bind, env.live_port)]
    for setting, host, port in own + gateways.ports(env):
        if (why := serve.cannot_bind(host, port)) and not is_up(env):
            advice = f"Stop the program that holds it, or set {setting} or the address it listens on."
            yield _wrong(f"Huoji could not listen on {host} port {port}: {why}.", advice)
    if env.bind.startswith(LOOPBACK):
        yield _ok(f"Huoji listens on {env.bind} only")
        return
    if not env.public_url.startswith("https://"):
        advice = "Put a proxy with TLS before it and set HUOJI_PUBLIC_URL=https://… (see SECURITY.md)."
        yield _wrong(f"Huoji listens on {env.bind} without TLS: passwords travel in the clear.", advice)
    if env.debug:
        yield _wrong("HUOJI_DEBUG is on and Huoji is open to the network.", "Unset HUOJI_DEBUG.")
    if not env.trusted_proxies:
        advice = "Set HUOJI_TRUSTED_PROXIES to your proxy's network, or every client looks like the proxy."
        yield _note("No proxy is trusted.", advice)


def look_at_parts(env: Env) -> Iterator[Finding]:
    """Look at what is installed beside the code: scripts and styles, translations, database programs."""
    source = Path(__file__).resolve().parents[1]
    modules = source.parents[1] / "node_modules"
    if not modules.is_dir():
        yield _wrong("The styles and scripts of the pages are missing (node_modules).", "make install")
    stale = [path for path in source.glob("**/*.po") if not path.with_suffix(".mo").exists()]
    if stale:
        yield _wrong(f"{len(stale)} translations are not compiled.", "make install")
    if env.blob_bucket and not serve.exists("storages"):
        yield _wrong("HUOJI_BLOB_BUCKET is set, but the S3 client is not installed.", "pip install django-storages[s3]")
    if modules.is_dir() and not stale:
        yield _ok("Styles, scripts and translations are in place")


def look_at_database(env: Env) -> Iterator[Finding]:
    """Look at the server: reachable, new enough, the two roles apart, Chinese searchable, schema present."""
    if env.database_url:
        yield from _look_inside(env)
        return
    cluster = database.cluster(env.data_dir)
    if not cluster.data.exists():
        yield _note("There is no embedded database yet.", "`huoji up` makes it.")
        return
    try:
        with postgres.running(cluster):
            yield from _look_inside(env)
    except postgres.PostgresError as failed:
        yield _wrong(str(failed), f"Read the end of {cluster.data}/log; a full disk is the commonest cause.")


def _look_inside(env: Env) -> Iterator[Finding]:
    try:
        with psycopg.connect(database.conninfo(env, "default"), connect_timeout=5) as app:
            yield from _look_at_server(app)
            yield from _look_at_roles(app)
    except psycopg.OperationalError as failed:
        yield _wrong(
            f"The database cannot be reached: {str(failed).strip()}", "Check HUOJI_DATABASE_URL and the server."
        )
        return
    try:
        with psycopg.connect(database.conninfo(env, "owner"), connect_timeout=5) as owner:
            owner.execute("SELECT 1")
    except psycopg.OperationalError as failed:
        yield _wrong(f"The owner cannot connect: {str(failed).strip()}", "Check HUOJI_OWNER_DATABASE_URL.")


def _look_at_server(app: psycopg.Connection) -> Iterator[Finding]:
    version, shown = app.info.server_version, app.info.parameter_status("server_version")
    if version < SERVER_VERSION_MIN:
        yield _wrong(f"PostgreSQL {shown} is too old.", "Huoji needs 15 or later.")
    else:
        yield _ok(f"PostgreSQL {shown} answers")
    if app.info.parameter_status("server_encoding") != "UTF8":
        yield _wrong("The database is not encoded in UTF8.", "Create it with ENCODING 'UTF8' (docs/howto/install.md).")
    row = app.execute("SELECT now(), to_regproc('show_trgm') IS NOT NULL").fetchone()
    assert row is not None
    at, has_trigrams = row
    if abs(datetime.now(UTC) - at) > CLOCK_SKEW_MAX:
        yield _wrong("The clocks of this machine and of the database differ.", "Run a time service (NTP) on both.")
    if has_trigrams:
        seen = app.execute("SELECT cardinality(show_trgm('上海')) > 0").fetchone()
        if seen != (True,):
            advice = (
                "Create the database with LC_CTYPE 'C.UTF-8' (docs/howto/install.md); dump and restore move the rows."
            )
            yield _wrong("Search does not see Chinese letters in this database.", advice)


def _look_at_roles(app: psycopg.Connection) -> Iterator[Finding]:
    row = app.execute(
        "SELECT current_user, rolsuper, EXISTS (SELECT FROM pg_class WHERE relowner = pg_roles.oid AND relkind IN ('r', 'p'))"
        " FROM pg_roles WHERE rolname = current_user"
    ).fetchone()
    assert row is not None
    name, is_superuser, owns_tables = row
    if is_superuser or owns_tables:
        why = "is a superuser" if is_superuser else "owns the tables"
        advice = "Give Huoji two roles as docs/howto/install.md shows: the audit is only as strong as that."
        yield _wrong(f"Huoji's role {name} {why}, and could rewrite what must never change.", advice)
    else:
        yield _ok(f"Huoji speaks as {name}, which cannot change the schema")


def look_at_backups(env: Env) -> Iterator[Finding]:
    """Look at the last backup, if any is wanted."""
    if env.backup_at == "off":
        yield _note("No daily backup is set (HUOJI_BACKUP_AT is off).", "Run `huoji backup` by other means.")
        return
    made = backup.all_in(env.backup_folder)
    if not made:
        yield _note(
            "There is no backup yet.", f"The worker makes one daily at {env.backup_at}; `huoji backup` makes one now."
        )
        return
    age = datetime.now(UTC) - made[-1].made_at
    told = f"Last backup {made[-1].folder.name}, {made[-1].rows} rows"
    if age > BACKUP_AGE_MAX:
        yield _wrong(f"{told}: too old.", "See the worker's messages, or run `huoji backup` to see why it fails.")
    else:
        yield _ok(told)


def is_up(env: Env) -> bool:
    """Tell whether an `up` holds this data folder."""
    import fcntl

    try:
        with (env.data_dir / "up.lock").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


LOOKS: tuple[Callable[[Env], Iterator[Finding]], ...] = (
    look_at_folder,
    look_at_doors,
    look_at_parts,
    look_at_database,
    look_at_backups,
)

"""Backups that can prove themselves: a dump, its blobs, and a manifest of what every table held at that moment."""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from huoji.kit import postgres

STAMP = "%Y-%m-%dT%H%M%SZ"
DUMP, MANIFEST, BLOB_LIST, KEY = "database.dump", "manifest.json", "blobs.txt", "secret.key"
CHUNK_BYTES = 1 << 20
FORMAT = 1

# The text of a row depends on these, and its digest must not depend on the server it is read from.
PLAIN_TEXT = "-c TimeZone=UTC -c DateStyle=ISO -c IntervalStyle=postgres -c extra_float_digits=1 -c bytea_output=hex"


class BackupError(RuntimeError):
    """A backup cannot be made or read; the text says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """One finished backup."""

    folder: Path
    manifest: dict[str, Any]

    @property
    def made_at(self) -> datetime:
        return datetime.strptime(self.folder.name, STAMP).replace(tzinfo=UTC)

    @property
    def rows(self) -> int:
        return sum(table["rows"] for table in self.manifest["tables"].values())


def all_in(folder: Path) -> list[Backup]:
    """Return the finished backups of a folder, oldest first."""
    return [
        Backup(folder=path.parent, manifest=json.loads(path.read_text()))
        for path in sorted(folder.glob(f"*/{MANIFEST}"))
        if not path.parent.name.startswith(".")
    ]


def make(
    folder: Path,
    *,
    conninfo: str,
    now: datetime,
    secret_key: str,
    open_blob: Callable[[str], IO[bytes]],
) -> Backup:
    """Write a backup of one moment below `folder`; an unfinished one never looks finished."""
    with _locked(folder):
        partial, final = folder / ".unfinished", folder / now.astimezone(UTC).strftime(STAMP)
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(mode=0o700)
        with psycopg.connect(conninfo, options=PLAIN_TEXT) as connection:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            connection.read_only = True
            snapshot = _value(connection, "SELECT pg_export_snapshot()")
            sequences = _sequences(connection)  # before the dump reads them: they run on, whatever the snapshot
            _program("pg_dump", "-Fc", f"--snapshot={snapshot}", "-f", str(partial / DUMP), conninfo=conninfo)
            contents = _contents(connection) | {"sequences": sequences}
            blobs = _blobs_named_in(connection)
        manifest = {
            "format": FORMAT,
            "made_at": now.astimezone(UTC).isoformat(),
            **contents,
            "dump_sha256": _file_digest(partial / DUMP),
            "blobs": len(blobs),
            "blobs_missing": _copy_blobs(blobs, to=folder / "blobs", open_blob=open_blob),
        }
        (partial / BLOB_LIST).write_text("".join(f"{name}\n" for name in blobs))
        (partial / KEY).touch(mode=0o600)
        (partial / KEY).write_text(secret_key)
        (partial / MANIFEST).write_text(json.dumps(manifest, indent=1, ensure_ascii=False))
        _flush(partial)
        partial.rename(final)
        return Backup(folder=final, manifest=manifest)


def keep_last(folder: Path, *, count: int) -> int:
    """Remove all but the last `count` backups, and the blobs that none of these names; return how many went."""
    with _locked(folder):
        finished = all_in(folder)
        old = finished[:-count]
        for backup in old:
            shutil.rmtree(backup.folder)
        kept = {name for backup in finished[-count:] for name in _listed_blobs(backup.folder)}
        for path in (folder / "blobs").glob("*/*"):
            if old and path.name not in kept:
                path.unlink()
        return len(old)


def restore(
    backup_folder: Path, *, conninfo: str, put_blob: Callable[[str, IO[bytes]], None]
) -> dict[str, dict[str, int | str]]:
    """Fill an empty database from a backup, in one transaction, and compare it table by table; return the tables."""
    manifest = _checked_manifest(backup_folder)
    with psycopg.connect(conninfo) as connection:
        if tables := _tables(connection):
            raise BackupError(
                f"The database is not empty ({len(tables)} tables): nothing was changed.\n"
                "Restore into a new one: set HUOJI_DATA_DIR to a new folder, or HUOJI_DATABASE_URL to an empty database."
            )
        # The dump brings its own; what a new table gets by default here would come on top of the rights it had.
        connection.execute(
            "ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON TABLES FROM huoji_app;"
            "ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON SEQUENCES FROM huoji_app;"
            "ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON FUNCTIONS FROM huoji_app"
        )
    options = ("--no-owner", "--no-comments", "--single-transaction", "--exit-on-error")
    database = str(conninfo_to_dict(conninfo)["dbname"])
    _program("pg_restore", *options, "-d", database, str(backup_folder / DUMP), conninfo=conninfo)
    compare(backup_folder, conninfo=conninfo)
    for name in _listed_blobs(backup_folder):
        source = backup_folder.parent / "blobs" / name[:2] / name
        if name in manifest["blobs_missing"]:
            continue
        if not source.is_file() or _file_digest(source) != name:
            raise BackupError(
                f"Attachment {name} of the backup is missing or damaged; all rows are restored and right."
            )
        with source.open("rb") as content:
            put_blob(name, content)
    tables_restored: dict[str, dict[str, int | str]] = manifest["tables"]
    return tables_restored


def compare(backup_folder: Path, *, conninfo: str) -> None:
    """Compare a database with a manifest: rows and digest of every table, and no sequence behind."""
    expected = json.loads((backup_folder / MANIFEST).read_text())
    with psycopg.connect(conninfo, options=PLAIN_TEXT) as connection:
        found = _contents(connection)
    wrong = [
        f"{name} ({part})"
        for part in ("tables", "rights")
        for name in sorted(expected[part].keys() | found[part].keys())
        if expected[part].get(name) != found[part].get(name)
    ]
    behind = [name for name, value in found["sequences"].items() if value < expected["sequences"].get(name, 0)]
    if wrong or behind:
        raise BackupError(f"The restored database differs from the backup in: {', '.join(wrong + behind)}")


def _checked_manifest(folder: Path) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text())
    except FileNotFoundError:
        raise BackupError(f"{folder} is no finished backup: it has no {MANIFEST}.") from None
    if manifest["format"] != FORMAT:
        raise BackupError(f"{folder} was written in format {manifest['format']}, this version reads {FORMAT}.")
    if _file_digest(folder / DUMP) != manifest["dump_sha256"]:
        raise BackupError(f"{folder / DUMP} is damaged: its digest is not that of the manifest. Take another backup.")
    return manifest


def _sequences(connection: psycopg.Connection[Any]) -> dict[str, int]:
    return dict(
        connection.execute(
            "SELECT sequencename, coalesce(last_value, 0) FROM pg_sequences WHERE schemaname = 'public' ORDER BY 1"
        ).fetchall()
    )


def _contents(connection: psycopg.Connection[Any]) -> dict[str, Any]:
    """Count and digest every table that holds rows itself; the digest does not depend on the order of rows."""
    tables = {}
    for name in _tables(connection):
        query = sql.SQL(
            "SELECT count(*), coalesce(sum(('x' || left(md5(each::text), 16))::bit(64)::bigint::numeric), 0)::text"
            " FROM ONLY {} AS each"
        ).format(sql.Identifier(name))
        rows, digest = connection.execute(query).fetchone() or (0, "0")
        tables[name] = {"rows": rows, "digest": digest}
    # Rights that were never changed are stored as nothing, or written out after a restore: the same rights.
    rights = connection.execute(
        "SELECT relname, (SELECT string_agg(each::text, ' ' ORDER BY each::text) FROM unnest(coalesce(relacl,"
        " acldefault(CASE relkind WHEN 'S' THEN 's'::\"char\" ELSE 'r'::\"char\" END, relowner))) AS each)"
        " FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'S', 'v') ORDER BY 1"
    ).fetchall()
    return {
        "server": _value(connection, "SHOW server_version"),
        "tables": tables,
        "sequences": _sequences(connection),
        "rights": dict(rights),
    }


def _tables(connection: psycopg.Connection[Any]) -> list[str]:
    rows = connection.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY 1"
    )
    return [row[0] for row in rows]


def _blobs_named_in(connection: psycopg.Connection[Any]) -> list[str]:
    if "kit_blob" not in _tables(connection):
        return []
    return [row[0] for row in connection.execute("SELECT sha256 FROM kit_blob ORDER BY 1")]


def _copy_blobs(names: Iterable[str], *, to: Path, open_blob: Callable[[str], IO[bytes]]) -> list[str]:
    """Copy what is not there yet (a blob never changes); return those that storage did not have."""
    missing = []
    for name in names:
        target = to / name[:2] / name
        if target.exists():
            continue
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = target.with_suffix(".part")
        try:
            with open_blob(name) as source, draft.open("wb") as copy:
                shutil.copyfileobj(source, copy, CHUNK_BYTES)
                copy.flush()
                os.fsync(copy.fileno())
        except FileNotFoundError:
            missing.append(name)
            draft.unlink(missing_ok=True)
            continue
        draft.rename(target)
    return missing


def _listed_blobs(folder: Path) -> list[str]:
    return (folder / BLOB_LIST).read_text().split()


def _program(name: str, *arguments: str, conninfo: str) -> None:
    """Run a PostgreSQL program; the password goes through the environment, where `ps` does not show it."""
    parts = {key: str(value) for key, value in conninfo_to_dict(conninfo).items() if value is not None}
    secret = {"PGPASSWORD": parts.pop("password")} if "password" in parts else {}
    target = {"PGDATABASE": parts["dbname"], "PGHOST": parts.get("host", ""), "PGUSER": parts.get("user", "")}
    target["PGPORT"] = parts.get("port", "5432")
    if "sslmode" in parts:
        target["PGSSLMODE"] = parts["sslmode"]
    # The bundled programs speak no TLS, so a server elsewhere wants the ones of the machine.
    is_local = parts.get("host", "").startswith("/")
    program = str(postgres.binaries() / name) if is_local else shutil.which(name) or str(postgres.binaries() / name)
    done = subprocess.run(
        [program, *arguments], env={**os.environ, **target, **secret}, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise BackupError(f"{name} failed: {done.stderr.strip()}")


def _value(connection: psycopg.Connection[Any], query: str) -> Any:
    row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return row[0]


def _file_digest(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _flush(folder: Path) -> None:
    for path in (*folder.iterdir(), folder):
        number = os.open(path, os.O_RDONLY)
        os.fsync(number)
        os.close(number)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupError(f"Another backup is being written to {folder}.") from None
        yield

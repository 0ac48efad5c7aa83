"""`huoji backup` and `huoji restore`, and the daily backup that the worker makes."""

import sys
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import IO
from zoneinfo import ZoneInfo

from django.core.files.base import File
from django.core.files.storage import default_storage

from huoji.config import database, env, migrate
from huoji.kit import backup, blob, mark, postgres, provision

MARK_MADE, MARK_TRIED = "backup", "restore_verified"  # the health check reads these
TRIED_AGE_MAX = timedelta(days=7)


def make(settings: env.Env, *, now: datetime, folder: Path | None = None) -> backup.Backup:
    """Make a backup now and remember when it was."""
    made = backup.make(
        folder or settings.backup_folder,
        conninfo=database.conninfo(settings, "owner"),
        now=now,
        secret_key=env.secret_key(settings),
        open_blob=_open_blob,
    )
    mark.put(MARK_MADE, now=now, ok=True, rows=made.rows, tables=len(made.manifest["tables"]), folder=str(made.folder))
    return made


def make_if_due(settings: env.Env, *, now: datetime) -> bool:
    """Make today's backup once its hour has come, and drop the oldest; the worker asks every few minutes."""
    due_at = due_since(settings, now=now)
    if due_at is None or any(made.made_at >= due_at for made in backup.all_in(settings.backup_folder)):
        return False
    try:
        make(settings, now=now)
    except Exception:
        mark.put(MARK_MADE, now=now, ok=False)
        raise
    backup.keep_last(settings.backup_folder, count=settings.backup_keep)
    return True


def try_if_due(settings: env.Env, *, now: datetime) -> bool:
    """Restore the last backup into a scratch database once a week: a backup that nobody ever restored is a hope."""
    made = backup.all_in(settings.backup_folder)
    tried = mark.last(MARK_TRIED)
    if settings.database_url or not made or (tried is not None and tried.ok and now - tried.at < TRIED_AGE_MAX):
        return False
    try:
        _try(settings, made[-1].folder)
    except Exception:
        mark.put(MARK_TRIED, now=now, ok=False, folder=str(made[-1].folder))
        raise
    mark.put(MARK_TRIED, now=now, ok=True, folder=str(made[-1].folder))
    return True


def due_since(settings: env.Env, *, now: datetime) -> datetime | None:
    """Return the last moment at which a daily backup was due."""
    if settings.backup_at == "off":
        return None
    local = now.astimezone(ZoneInfo(settings.time_zone))
    due_at = datetime.combine(local.date(), time.fromisoformat(settings.backup_at), tzinfo=local.tzinfo)
    return due_at if due_at <= local else due_at - timedelta(days=1)


def run_backup(settings: env.Env, *, folder: Path | None) -> int:
    """Make a backup and say what is in it."""
    try:
        made = make(settings, now=datetime.now(UTC), folder=folder)
    except backup.BackupError as failed:
        return _failed(failed)
    missing = made.manifest["blobs_missing"]
    print(
        f"{made.folder}: {made.rows} rows in {len(made.manifest['tables'])} tables, {made.manifest['blobs']} attachments"
    )
    if missing:
        print(f"Attention: {len(missing)} attachments were not in storage.", file=sys.stderr)
    print(f"It holds personal data and the signing key: keep it closed. Back again: huoji restore {made.folder}")
    return 0


def run_restore(settings: env.Env, *, folder: Path, only_try: bool) -> int:
    """Restore into the empty database, or (`only_try`) into one that is made for it and dropped again."""
    try:
        if only_try:
            tables = _try(settings, folder)
            mark.put(MARK_TRIED, now=datetime.now(UTC), ok=True, folder=str(folder))
        else:
            tables = backup.restore(folder, conninfo=database.conninfo(settings, "owner"), put_blob=_put_blob)
            _put_key_back(settings, folder)
            migrate.migrate(verbosity=0)
    except backup.BackupError as failed:
        return _failed(failed)
    rows = sum(int(table["rows"]) for table in tables.values())
    print(f"{rows} rows in {len(tables)} tables: every count and digest is that of the backup.")
    print("Nothing was changed." if only_try else "Restored. Start with: huoji up")
    return 0


def _try(settings: env.Env, folder: Path) -> dict[str, dict[str, int | str]]:
    if settings.database_url:
        raise backup.BackupError(
            "--try needs the embedded database; restore into an empty database of your own instead."
        )
    cluster, scratch = database.cluster(settings.data_dir), "huoji_try"
    provision.drop_database(cluster, database=scratch)
    provision.make_database(cluster, database=scratch)
    try:
        conninfo = cluster.conninfo(database=scratch, role=postgres.OWNER_ROLE)
        tables = backup.restore(folder, conninfo=conninfo, put_blob=lambda _name, _content: None)
    finally:
        provision.drop_database(cluster, database=scratch)
    return tables


def _put_key_back(settings: env.Env, folder: Path) -> None:
    """Sessions and tokens were signed with the key, so it comes back with the rows."""
    kept = (folder / backup.KEY).read_text()
    if settings.secret_key:
        if settings.secret_key != kept:
            print("Attention: HUOJI_SECRET_KEY differs from the key of the backup.", file=sys.stderr)
        return
    path = settings.data_dir / "secret.key"
    path.touch(mode=0o600)
    path.write_text(kept)


def _open_blob(sha256: str) -> IO[bytes]:
    opened: IO[bytes] = default_storage.open(blob.path_of(sha256))
    return opened


def _put_blob(sha256: str, content: IO[bytes]) -> None:
    if not default_storage.exists(blob.path_of(sha256)):
        default_storage.save(blob.path_of(sha256), File(content))


def _failed(failed: backup.BackupError) -> int:
    print(failed, file=sys.stderr)
    return 1

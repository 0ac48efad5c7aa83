"""A backup of a whole installation comes back through the command line, rows, rights, attachments and key."""

import hashlib
import json
from datetime import UTC, datetime

import psycopg
import pytest

from huoji.config import env, safekeeping
from huoji.kit import postgres
from tests.config.test_up import Installation

PHOTO = b"a photo of a parcel"
SHA = hashlib.sha256(PHOTO).hexdigest()


def connect(installation, role):
    return psycopg.connect(
        postgres.Cluster(folder=installation.folder).conninfo(database="huoji", role=role), autocommit=True
    )


def put_attachment(installation):
    """Store one attachment as the application does: the content first, then its row."""
    path = installation.folder / "blobs" / SHA[:2] / SHA[2:4] / SHA
    path.parent.mkdir(parents=True)
    path.write_bytes(PHOTO)
    with (
        postgres.running(postgres.Cluster(folder=installation.folder)),
        connect(installation, postgres.APP_ROLE) as app,
    ):
        app.execute(
            "INSERT INTO kit_blob (sha256, content_type, size, principal) VALUES (%s, 'image/png', %s, 'staff:1')",
            [SHA, len(PHOTO)],
        )


@pytest.mark.req("T04")
def test_a_backup_restores_into_an_empty_installation_with_the_same_counts_and_hashes(tmp_path):
    first, second = Installation(tmp_path / "first"), Installation(tmp_path / "second")
    assert first.run("createadmin", "--number", "0001").returncode == 0
    put_attachment(first)

    made = first.run("backup")
    assert made.returncode == 0, made.stderr
    folder = next(path for path in (first.folder / "backups").iterdir() if path.name[:2] == "20")
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["tables"]["accounts_staff"]["rows"] == 1
    assert manifest["blobs"] == 1

    tried = first.run("restore", "--try", str(folder))
    assert (tried.returncode, "Nothing was changed" in tried.stdout) == (0, True), tried.stderr
    refused = first.run("restore", str(folder))
    assert (refused.returncode, "not empty" in refused.stderr) == (1, True)

    restored = second.run("restore", str(folder))
    assert restored.returncode == 0, restored.stderr
    assert f"{sum(table['rows'] for table in manifest['tables'].values())} rows" in restored.stdout
    assert (second.folder / "blobs" / SHA[:2] / SHA[2:4] / SHA).read_bytes() == PHOTO
    assert (second.folder / "secret.key").read_text() == (first.folder / "secret.key").read_text()
    with postgres.running(postgres.Cluster(folder=second.folder)), connect(second, postgres.APP_ROLE) as app:
        assert app.execute("SELECT staff_number FROM accounts_staff").fetchall() == [("0001",)]
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute("DELETE FROM accounts_audit")


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-11-23T03:30+08:00", "2026-11-23T03:30+08:00"),
        ("2026-11-23T03:29+08:00", "2026-11-22T03:30+08:00"),
        ("2026-11-22T20:00+00:00", "2026-11-23T03:30+08:00"),
    ],
)
def test_a_daily_backup_is_due_at_its_hour_in_the_zone_of_the_carrier(now, due):
    settings = env.read({"HUOJI_BACKUP_AT": "03:30"})
    assert safekeeping.due_since(settings, now=datetime.fromisoformat(now)) == datetime.fromisoformat(due)


def test_no_backup_is_due_where_none_is_wanted():
    settings = env.read({"HUOJI_BACKUP_AT": "off"})
    assert safekeeping.due_since(settings, now=datetime.now(UTC)) is None

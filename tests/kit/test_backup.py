"""A backup restores to the same rows, or says exactly what is wrong with it."""

import io
import json
import threading
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from huoji.kit import backup, postgres, provision

NOW = datetime(2026, 11, 23, 3, 30, tzinfo=UTC)
PHOTO = b"photo"


@pytest.fixture
def databases(cluster):
    """Two databases: one with rows, one empty."""
    names = ("kept", "fresh")
    for name in names:
        provision.drop_database(cluster, database=name)
        provision.make_database(cluster, database=name)
    infos = [cluster.conninfo(database=name, role=postgres.OWNER_ROLE) for name in names]
    with psycopg.connect(infos[0]) as owner:
        owner.execute("CREATE TABLE words (id bigint GENERATED ALWAYS AS IDENTITY, word text, at timestamptz)")
        owner.execute("INSERT INTO words (word, at) SELECT '货迹' || n, now() FROM generate_series(1, 500) AS n")
        owner.execute("CREATE TABLE facts (id bigint) PARTITION BY RANGE (id)")
        owner.execute("CREATE TABLE facts_1 PARTITION OF facts FOR VALUES FROM (0) TO (100)")
        owner.execute("INSERT INTO facts VALUES (1), (2)")
        owner.execute("REVOKE UPDATE, DELETE ON words FROM huoji_app")
    yield infos
    for name in names:
        provision.drop_database(cluster, database=name)


def make(folder, conninfo, *, now=NOW):
    return backup.make(folder, conninfo=conninfo, now=now, secret_key="k" * 40, open_blob=lambda _: io.BytesIO(PHOTO))


def restore(made, conninfo):
    return backup.restore(made.folder, conninfo=conninfo, put_blob=lambda _name, _content: None)


def test_a_restored_database_has_the_same_rows_and_rights(tmp_path, databases, cluster):
    made = make(tmp_path, databases[0])
    assert restore(made, databases[1])["words"]["rows"] == 500
    app = cluster.conninfo(database="fresh", role=postgres.APP_ROLE)
    with psycopg.connect(app) as link, pytest.raises(psycopg.errors.InsufficientPrivilege):
        link.execute("DELETE FROM words")
    with psycopg.connect(app) as link:
        assert link.execute("INSERT INTO words (word) VALUES ('next') RETURNING id").fetchone() == (501,)


def test_numbers_that_are_taken_while_the_dump_is_written_are_no_difference(tmp_path, databases):
    made_it = threading.Event()

    def take_numbers() -> None:
        with psycopg.connect(databases[0], autocommit=True) as link:
            while not made_it.is_set():
                link.execute("SELECT nextval('words_id_seq')")

    taker = threading.Thread(target=take_numbers)
    taker.start()
    try:
        made = make(tmp_path, databases[0])
    finally:
        made_it.set()
        taker.join()
    assert restore(made, databases[1])["words"]["rows"] == 500


def test_a_database_with_tables_is_left_alone(tmp_path, databases):
    made = make(tmp_path, databases[0])
    with pytest.raises(backup.BackupError, match="not empty"):
        restore(made, databases[0])


@pytest.mark.parametrize(
    "spoil",
    [
        "UPDATE words SET word = '别' WHERE id = 7",
        "DELETE FROM words WHERE id = 7",
        "INSERT INTO facts VALUES (3)",
        "GRANT DELETE ON words TO huoji_app",
    ],
)
def test_one_changed_row_is_found_by_the_comparison(tmp_path, databases, spoil):
    made = make(tmp_path, databases[0])
    restore(made, databases[1])
    with psycopg.connect(databases[1]) as owner:
        owner.execute(spoil)
    with pytest.raises(backup.BackupError, match=r"words|facts_1"):
        backup.compare(made.folder, conninfo=databases[1])


def test_a_damaged_dump_is_refused_before_anything_is_written(tmp_path, databases):
    made = make(tmp_path, databases[0])
    dump = made.folder / backup.DUMP
    dump.write_bytes(dump.read_bytes()[:-9] + b"scribbled")
    with pytest.raises(backup.BackupError, match="damaged"):
        restore(made, databases[1])


def test_a_backup_that_was_killed_is_no_backup(tmp_path, databases):
    (tmp_path / ".unfinished").mkdir()
    (tmp_path / ".unfinished" / backup.MANIFEST).write_text("{}")
    assert backup.all_in(tmp_path) == []
    make(tmp_path, databases[0])
    assert len(backup.all_in(tmp_path)) == 1
    with pytest.raises(backup.BackupError, match="no finished backup"):
        backup.restore(tmp_path, conninfo=databases[1], put_blob=lambda *_: None)


def test_only_the_last_backups_and_their_blobs_are_kept(tmp_path, databases):
    for day in range(3):
        made = make(tmp_path, databases[0], now=NOW + timedelta(days=day))
        name = f"{day}" * 64
        (tmp_path / "blobs" / name[:2]).mkdir(parents=True)
        (tmp_path / "blobs" / name[:2] / name).write_bytes(PHOTO)
        (made.folder / backup.BLOB_LIST).write_text(f"{name}\n")
    assert backup.keep_last(tmp_path, count=2) == 1
    assert [made.made_at for made in backup.all_in(tmp_path)] == [NOW + timedelta(days=1), NOW + timedelta(days=2)]
    assert sorted(path.name[0] for path in (tmp_path / "blobs").glob("*/*")) == ["1", "2"]


def test_the_backup_and_its_key_are_closed_to_others(tmp_path, databases):
    made = make(tmp_path / "backups", databases[0])
    assert made.folder.stat().st_mode & 0o077 == 0
    assert (made.folder / backup.KEY).stat().st_mode & 0o077 == 0
    assert "kkkk" not in json.dumps(made.manifest)

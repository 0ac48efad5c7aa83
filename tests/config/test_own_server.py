"""An installation runs on a PostgreSQL of one's own that was prepared by the words of the install guide."""

import re
import subprocess
from pathlib import Path

import pytest

from huoji.kit import postgres, provision
from tests.config.test_up import Installation

GUIDE = (Path(__file__).resolve().parents[2] / "docs" / "howto" / "install.md").read_text(encoding="utf-8")


def block(name: str) -> str:
    return re.search(rf"<!-- sql:{name} -->\n```sql\n(.*?)```", GUIDE, re.DOTALL)[1]


@pytest.fixture
def urls(tmp_path):
    """A server made by its administrator alone; nothing of ours provisioned it."""
    server = postgres.Cluster(folder=tmp_path / "server", extra=(("fsync", "off"), ("shared_buffers", "16MB")))
    with postgres.running(server):
        for role, database, name in (
            (postgres.SUPERUSER, "postgres", "administrator"),
            (postgres.OWNER_ROLE, "huoji", "owner"),
        ):
            subprocess.run(
                [postgres.binaries() / "psql", "-qX", "-v", "ON_ERROR_STOP=1", server.conninfo(database=database, role=role)],
                input=block(name), text=True, check=True,
            )  # fmt: skip
        yield {
            setting: f"postgresql:///huoji?host={server.sockets}&user={role}"
            for setting, role in (
                ("HUOJI_DATABASE_URL", postgres.APP_ROLE),
                ("HUOJI_OWNER_DATABASE_URL", postgres.OWNER_ROLE),
            )
        }


def test_the_guide_gives_the_roles_the_rights_that_the_embedded_server_gives():
    said = [line for line in block("owner").splitlines() if line]
    assert said == [line for line in provision.GRANTS.splitlines() if line]


def test_a_server_prepared_by_the_guide_satisfies_the_doctor_and_can_be_backed_up(urls, tmp_path):
    installation = Installation(tmp_path / "data")
    assert installation.run("createadmin", **urls).returncode == 0
    told = installation.run("doctor", **urls).stdout
    assert "huoji_app, which cannot change the schema" in told
    assert not re.search(r"WRONG.*(role|database|search|Search|owner)", told)
    saved = installation.run("backup", **urls)
    assert saved.returncode == 0, saved.stderr
    assert not (tmp_path / "data" / "pg").exists()

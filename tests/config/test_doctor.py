"""`huoji doctor` says what is wrong and what to do, and nothing when all is well."""

import socket

import pytest

from huoji.config import doctor, env
from huoji.config.doctor import Verdict
from huoji.kit import postgres, provision


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def settings(folder, **given):
    ports = {"HUOJI_WEB_PORT": str(free_port()), "HUOJI_LIVE_PORT": str(free_port()), "HUOJI_GATEWAYS": "none"}
    return env.read({"HUOJI_DATA_DIR": str(folder), **ports, **{name: str(value) for name, value in given.items()}})


def wrong(findings):
    return [finding for finding in findings if finding.verdict is Verdict.WRONG]


@pytest.fixture
def folder(tmp_path):
    tmp_path.chmod(0o700)
    return tmp_path


def test_a_folder_and_a_key_that_others_can_read_are_named_with_the_command_that_closes_them(folder):
    assert not wrong(doctor.look_at_folder(settings(folder)))
    (folder / "secret.key").write_text("x")
    (folder / "secret.key").chmod(0o644)
    folder.chmod(0o755)
    assert [finding.advice for finding in wrong(doctor.look_at_folder(settings(folder)))] == [
        f"chmod go= {folder}",
        f"chmod go= {folder}/secret.key",
    ]


def test_a_port_that_another_program_holds_names_its_setting(folder):
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = settings(folder, HUOJI_WEB_PORT=other.getsockname()[1])
        assert "HUOJI_WEB_PORT" in wrong(doctor.look_at_doors(taken))[0].advice


def test_an_open_address_without_tls_or_with_debug_is_wrong(folder):
    open_to_all = settings(folder, HUOJI_BIND="0.0.0.0", HUOJI_DEBUG=1)
    assert len(wrong(doctor.look_at_doors(open_to_all))) == 2
    behind_proxy = settings(
        folder, HUOJI_BIND="0.0.0.0", HUOJI_PUBLIC_URL="https://track.example.com", HUOJI_TRUSTED_PROXIES="10.0.0.1/32"
    )
    assert not wrong(doctor.look_at_doors(behind_proxy))


def test_a_database_that_cannot_be_reached_is_told_without_its_password(folder):
    away = settings(folder, HUOJI_DATABASE_URL="postgresql://huoji_app:hunter2@127.0.0.1:1/huoji")
    (finding,) = wrong(doctor.look_at_database(away))
    assert "cannot be reached" in finding.what
    assert "hunter2" not in finding.what


def test_one_role_for_everything_is_wrong_for_it_could_rewrite_the_audit(cluster, folder):
    provision.make_database(cluster, database="doctored")
    try:
        url = f"postgresql:///doctored?host={cluster.sockets}&user={postgres.SUPERUSER}"
        assert any(
            "superuser" in each.what
            for each in wrong(doctor.look_at_database(settings(folder, HUOJI_DATABASE_URL=url)))
        )
        url = f"postgresql:///doctored?host={cluster.sockets}&user={postgres.APP_ROLE}"
        owner = f"postgresql:///doctored?host={cluster.sockets}&user={postgres.OWNER_ROLE}"
        both = settings(folder, HUOJI_DATABASE_URL=url, HUOJI_OWNER_DATABASE_URL=owner)
        assert not wrong(doctor.look_at_database(both))
    finally:
        provision.drop_database(cluster, database="doctored")


def test_every_wrong_finding_of_a_bad_installation_makes_the_command_fail(folder, capsys):
    folder.chmod(0o755)
    assert doctor.doctor(settings(folder)) == 1
    assert "chmod go=" in capsys.readouterr().out

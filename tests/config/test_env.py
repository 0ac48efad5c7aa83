"""Settings are parsed once, and every mistake is told at once."""

import re
from pathlib import Path

import pytest

from huoji.config import env, reference

SOURCE = Path(env.__file__).resolve().parents[1]


def test_defaults_are_valid():
    settings = env.read({})
    assert (settings.web_port, settings.live_port, settings.bind) == (8000, 8001, "127.0.0.1")
    assert settings.trusted_proxies == ()


@pytest.mark.parametrize(
    ("name", "given", "says"),
    [
        ("HUOJI_WEB_PORT", "http", "whole number from 1 to 65535"),
        ("HUOJI_WEB_PORT", "70000", "whole number from 1 to 65535"),
        ("HUOJI_WEB_PORT", "٨٠٠٠", "whole number"),
        ("HUOJI_DEBUG", "yes", "0 or 1"),
        ("HUOJI_TRUSTED_PROXIES", "10.0.0.1/8", "10.0.0.0/8"),
        ("HUOJI_ALLOWED_HOSTS", "https://a.example", "without scheme"),
        ("HUOJI_TIME_ZONE", "Beijing", "Asia/Shanghai"),
        ("HUOJI_WAYBILL_PREFIX", "h1", "capital letters"),
        ("HUOJI_BACKUP_AT", "25:00", "HH:MM"),
        ("HUOJI_DATABASE_URL", "mysql://x/y", "postgres://"),
        ("HUOJI_WEB_PROT", "1", "did you mean HUOJI_WEB_PORT"),
        ("HUOJI_LIVE_PORT", "8000", "must differ"),
        ("HUOJI_OWNER_DATABASE_URL", "postgres://o@h/d", "HUOJI_DATABASE_URL too"),
        ("HUOJI_DATA_DIR", __file__, "a file is in its place"),
    ],
)
def test_a_wrong_value_is_named_with_what_is_allowed(name, given, says):
    with pytest.raises(env.SettingsError, match=says) as raised:
        env.read({name: given})
    assert name in str(raised.value)


def test_all_mistakes_are_told_at_once():
    with pytest.raises(env.SettingsError) as raised:
        env.read({"HUOJI_WEB_PORT": "x", "HUOJI_DEBUG": "x", "HUOJI_NO_SUCH": "x"})
    assert len(str(raised.value).splitlines()) == 3


def test_a_wrong_secret_is_not_printed():
    with pytest.raises(env.SettingsError) as raised:
        env.read({"HUOJI_DATABASE_URL": "mysql://huoji:hunter2@db/huoji"})
    assert "hunter2" not in str(raised.value)


def test_the_settings_file_of_the_data_folder_counts_below_the_environment(tmp_path, monkeypatch):
    (tmp_path / "huoji.env").write_text("# ours\nHUOJI_WEB_PORT=8100\nHUOJI_LIVE_PORT = '8101'\n")
    monkeypatch.setenv("HUOJI_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("HUOJI_LIVE_PORT", "8201")
    settings = env.load.__wrapped__()
    assert (settings.web_port, settings.live_port) == (8100, 8201)


def test_the_secret_key_is_made_once_and_private(tmp_path):
    settings = env.read({"HUOJI_DATA_DIR": str(tmp_path)})
    key = env.secret_key(settings)
    assert len(key) >= 40
    assert env.secret_key(settings) == key
    assert (tmp_path / "secret.key").stat().st_mode & 0o077 == 0
    assert [path.name for path in tmp_path.iterdir()] == ["secret.key"]


@pytest.mark.parametrize("attribute", [attribute for attribute, _, _ in env.table()])
def test_every_setting_is_read_by_something(attribute):
    by_line = re.sub(r"_(road|express|ocean)_", "_{line}_", attribute)
    uses = re.compile(rf"\b(ENV|HUOJI|env|settings|first)\.{attribute}\b|\"{re.escape(by_line)}\"")
    readers = (path for path in SOURCE.glob("**/*.py") if path.name != "env.py")
    own = (SOURCE / "config" / "env.py").read_text(encoding="utf-8")
    assert any(uses.search(path.read_text(encoding="utf-8")) for path in readers) or f"self.{attribute}" in own


@pytest.mark.parametrize(("path", "content"), reference.pages().items(), ids=lambda given: getattr(given, "name", ""))
def test_the_reference_page_is_what_the_code_says(path, content):
    assert path.read_text(encoding="utf-8") == content, "run `make docs`"

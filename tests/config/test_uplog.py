"""The log of `huoji up` keeps to its size and shows what is wrong alone."""

from huoji.config import uplog
from huoji.config.uplog import UpLog

FINE = b'{"at":"2026-11-26T01:02:03.000+00:00","level":"info","logger":"a","message":"request"}\n'


def test_a_full_log_is_put_aside_and_its_writers_go_on_in_the_empty_one(tmp_path, monkeypatch):
    monkeypatch.setattr(uplog, "BYTES_MAX", 10 * len(FINE))
    said = []
    log = UpLog(tmp_path / "log", say=said.append)
    for _ in range(35):
        log.output.write(FINE)
        log.look()
    assert log.path.stat().st_size == 5 * len(FINE)
    assert (tmp_path / "log" / "up.log.1").stat().st_size == 10 * len(FINE)
    assert not said
    log.output.write(b"Traceback: half a li")
    log.look()
    assert not said
    log.output.write(b"ne\n" + b"no json\n" * uplog.SHOWN_MAX)
    log.look()
    assert (said[0], said[1], len(said)) == ("Traceback: half a line", "no json", uplog.SHOWN_MAX + 1)
    assert UpLog(tmp_path / "log", say=said.append).look() is None

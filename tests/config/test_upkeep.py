"""Rebuilding stories and letting go of old data can be asked for at the command line, and are told in figures."""

import pytest

from huoji.config import upkeep


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_an_empty_installation_has_nothing_to_rebuild_or_to_let_go(capsys):
    assert upkeep.rebuild(everything=True) == 0
    assert upkeep.retention() == 0
    assert capsys.readouterr().out.split("\n")[:2] == [
        "\r0 stories renewed.",
        "Personal data of 0 parties erased, 0 months of events dropped.",
    ]

"""The documents that our guides show to partners are taken by the doors as the guides say."""

import re
from pathlib import Path

import pytest

from tests.apps.shipments.foreign import Caller

pytestmark = pytest.mark.django_db(transaction=True)
HOWTO = Path(__file__).resolve().parents[3] / "docs" / "howto"
DOORS = {"epcis": ("epcis/capture", 202), "dcsa": ("dcsa/events", 200), "kuaidi100": ("kuaidi100/trace", 200)}


def example(name: str) -> bytes:
    [found] = re.findall(r"```json\n(.*?)```", (HOWTO / name).read_text(encoding="utf-8"), re.DOTALL)
    return found.encode()


@pytest.mark.parametrize("name", DOORS)
def test_the_document_of_a_guide_is_taken_and_both_languages_show_the_same(client, staff_key, name):
    caller = Caller(client, staff_key)
    caller.ship("YT0001", ("container", "APZU4812090"))
    path, status = DOORS[name]
    assert caller.send(path, example(f"{name}.md")).status_code == status
    assert example(f"{name}.md") == example(f"{name}.zh.md")
    told = {
        "epcis": lambda: [m for m, _ in caller.of_epc("urn:epc:id:sgtin:0614141.107346.2017")],
        "dcsa": lambda: caller.milestones("YT0001"),
        "kuaidi100": lambda: caller.milestones("YT0001"),
    }[name]()
    assert (
        told
        == {
            "epcis": ["departed", "loaded", "sorted"],
            "dcsa": ["departed", "loaded"],
            "kuaidi100": ["departed", "picked_up"],
        }[name]
    )

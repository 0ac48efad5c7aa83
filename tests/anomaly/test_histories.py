"""Random histories, told in any order, twice and with retractions: one answer on the API, the page and the console.

The shipment may come before, amid or after them, and may name its booking and bill at once or later.
"""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from itertools import count

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huoji.apps.shipments.api.shipments import PUBLIC_QUERIES
from tests.anomaly.invariant import EVENTS, SHIPMENTS, send, stories_equal_events

pytestmark = pytest.mark.django_db(transaction=True)
START = datetime(2026, 11, 1, tzinfo=UTC)
MILESTONES = (
    "picked_up", "sorted", "departed", "arrived", "out_for_delivery", "attempt_failed", "delivered", "refused", "returning",
    "returned", "exception", "resolved", "customs_cleared", "info",
)  # fmt: skip
PLACES = ("上海", "武汉", "成都", "")
_run = count()

told = st.builds(
    lambda milestone, hour, place, day: {
        "milestone": milestone,
        "occurred_at": (START + timedelta(hours=hour)).strftime("%Y-%m-%d" if day else "%Y-%m-%dT%H:%M:%S+00:00"),
        "place": place,
    },
    st.sampled_from(MILESTONES), st.integers(0, 200), st.sampled_from(PLACES), st.booleans(),
)  # fmt: skip
steps = st.tuples(st.sampled_from(["bag", "trip", "container", "voyage", "bill"]), st.booleans(), st.integers(0, 200))


def on_units(name: str, events: list[dict], loads: list[tuple], retracted: set[int]) -> list[dict]:
    """Spread a history over the shipment, its papers, its bag or container, and the trip or voyage that held those."""
    chain = {"bag": "trip", "container": "voyage"}
    inside = {"trip": "bag", "voyage": "container", "bill": "bill"}
    items: list[dict] = []
    for index, (kind, out, hour) in enumerate(loads):
        unit = {"number": name} if kind in chain else {"unit": {"kind": inside[kind], "number": name}}
        at = (START + timedelta(hours=hour)).isoformat()
        holder = {"kind": "voyage" if kind == "bill" else kind, "number": name}
        items.append(
            {
                **unit,
                "milestone": "unloaded" if out else "loaded",
                "occurred_at": at,
                "holder": holder,
                "id": f"{name}-l{index}",
            }
        )
    targets = [
        {"number": name},
        *(
            {"unit": {"kind": kind, "number": name}}
            for kind in ("bag", "trip", "container", "voyage", "booking", "bill")
        ),
    ]
    for index, event in enumerate(events):
        target = targets[index % len(targets)]
        items.append({**target, **event, "id": f"{name}-e{index}"})
        if index in retracted:
            items.append(
                {
                    **target,
                    "occurred_at": event["occurred_at"],
                    "retracts": f"{name}-e{index}",
                    "id": f"{name}-r{index}",
                }
            )
    return items


def api(number: str, key: str = "") -> dict:
    PUBLIC_QUERIES.forget()
    if key:
        return Client().get(f"/api/v1/shipments/{number}", headers={"Authorization": f"Bearer {key}"}).json()
    return Client().get("/api/v1/track", {"numbers": number}).json()["results"][0]


def gist(answer: dict) -> tuple:
    """Return what does not differ from one shipment with this history to another."""
    events = [(e["milestone"], e["occurred"]["at"], e["place"], e["classifier"]) for e in answer["events"]]
    kept = ("status", "reason", "percent", "stages", "pieces", "expected", "status_since")
    return tuple(str(answer[field]) for field in kept), events


def words(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)))


def story_is_the_same_everywhere(number: str, staff_key: str, clerk: Client) -> None:
    public, staff = api(number), api(number, staff_key)
    assert public["status"] == staff["status"]
    assert [e["milestone"] for e in public["events"]] == [e["milestone"] for e in staff["events"]]
    PUBLIC_QUERIES.forget()
    page, console = words(Client().get(f"/track/{number}").text), words(clerk.get(f"/app/shipments/{number}").text)
    for text in (public["status_text"], *(event["text"] for event in public["events"])):
        assert text in page
    for text in (staff["status_text"], *(event["text"] for event in staff["events"])):
        assert text in console


@pytest.mark.parametrize("examples", [25, pytest.param(200, marks=[pytest.mark.soak, pytest.mark.timeout(900)])])
def test_a_history_is_one_answer_in_any_order_and_on_every_door(staff_key, client_of, examples):
    clerk = client_of("cs_supervisor")

    @settings(max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(
        events=st.lists(told, min_size=1, max_size=12), loads=st.lists(steps, max_size=5),
        retracted=st.sets(st.integers(0, 11), max_size=4), random=st.randoms(use_true_random=False),
        repeats=st.integers(0, 3),
    )  # fmt: skip
    def run(events, loads, retracted, random, repeats):
        answers = []
        turn = next(_run)
        for order in range(2):
            name = f"HIST{turn}X{order}"
            items = on_units(name, events, loads, retracted)
            if order:
                random.shuffle(items)
                items += random.sample(items, min(repeats, len(items)))
            early = order and random.random() < 0.5
            papers = [{"kind": kind, "number": name} for kind in ("booking", "bill")]
            named = {"line": "express", "number": name, "references": papers}
            is_named_late = order and not early and random.random() < 0.5
            if not early:
                send(staff_key, SHIPMENTS, [named | {"references": []} if is_named_late else named])
            cut = random.randrange(len(items)) if order else len(items)
            for part in (items[:cut], items[cut:]):
                if part:
                    assert send(staff_key, EVENTS, part).json()["rejected"] == 0
            if early or is_named_late:
                send(staff_key, SHIPMENTS, [named])
            answers.append(gist(api(name)))
        assert answers[0] == answers[1]
        story_is_the_same_everywhere(name, staff_key, clerk)

    run()
    stories_equal_events()

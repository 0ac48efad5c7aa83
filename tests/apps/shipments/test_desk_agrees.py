"""The public page, the API and the console tell the same story of a number, whatever came in and in whatever order."""

import html as escaping
import itertools
import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huoji.apps.shipments.api import shipments as api

pytestmark = pytest.mark.django_db(transaction=True)

PLACES = ("上海", "武汉分拨中心", "成都", "Rotterdam")
STEPS = ("picked_up", "sorted", "departed", "arrived", "out_for_delivery", "attempt_failed", "delivered", "exception",
         "returning", "refused", "customs_held", "info")  # fmt: skip
_numbers = itertools.count(1)

events = st.lists(
    st.fixed_dictionaries(
        {
            "milestone": st.sampled_from(STEPS),
            "minutes": st.integers(-60 * 24 * 40, 60 * 24),
            "classifier": st.sampled_from(("ACT", "ACT", "ACT", "EST", "PLN")),
            "place": st.sampled_from(PLACES),
            "reason": st.sampled_from(("", "", "damaged", "absent", "weather")),
            "day": st.booleans(),
        }
    ),
    min_size=1,
    max_size=9,
)


@pytest.fixture
def doors(client_of, staff_key, monkeypatch):
    """Return every channel on which a number can be asked for, without the limit that strangers have."""
    monkeypatch.setattr(api.PUBLIC_QUERIES, "take", lambda *_args, **_more: None)
    return client_of("cs_agent"), Client(headers={"Authorization": f"Bearer {staff_key}"}), Client()


def text_of(fragment: str) -> str:
    return escaping.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", fragment))).strip()


def lines(page: str) -> list[str]:
    """Return the sentences of a timeline: what is ahead and what happened, as the page has them."""
    found = re.findall(r"<li class=\"(?!gap)[^\"]*\"><p>(?:<span class=\"hj-mini\">[^<]*</span>)?([^<]*)", page)
    return [escaping.unescape(text).strip() for text in found]


def tell(keyed: Client, history, *, start: datetime) -> str:
    number = f"AGREE{next(_numbers):06}"
    body = [{"line": "express", "number": number, "origin": "上海", "destination": "成都"}]
    keyed.post("/api/v1/shipments", json.dumps(body), content_type="application/json")
    told = []
    for index, event in enumerate(history):
        at = start + timedelta(minutes=event["minutes"])
        told.append(
            {
                "number": number, "id": str(index), "milestone": event["milestone"], "classifier": event["classifier"],
                "place": event["place"], "reason": event["reason"],
                "occurred_at": at.date().isoformat() if event["day"] else at.isoformat(timespec="seconds"),
            }
        )  # fmt: skip
    answer = keyed.post("/api/v1/events", json.dumps(told), content_type="application/json").json()
    assert answer["accepted"] + answer["duplicate"] == len(told), answer
    return number


@pytest.mark.req("B04")
@pytest.mark.req("F07")
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(history=events, lang=st.sampled_from(("zh", "en")))
def test_page_api_and_console_agree(doors, history, lang):
    console, keyed, stranger = doors
    number = tell(keyed, history, start=datetime.now(UTC).replace(microsecond=0))
    tongue = {"lang": lang}
    api_told = keyed.get(f"/api/v1/shipments/{number}", tongue).json()
    public_told = stranger.get("/api/v1/track", {"numbers": number} | tongue).json()["results"][0]
    at_desk = console.get(f"/app/shipments/{number}", tongue).text
    in_public = stranger.get(f"/track/{number}", tongue).text

    for field in ("status", "status_text", "reason", "percent", "expected", "updated", "late_minutes", "stops"):
        assert api_told[field] == public_told[field], field
    assert [event["text"] for event in api_told["events"]] == [event["text"] for event in public_told["events"]]
    wanted = [event["text"] for event in api_told["events"] if event["classifier"] != "ACT"]
    wanted += [event["text"] for event in api_told["events"] if event["classifier"] == "ACT"]
    desk_story = at_desk.split('id="story"')[1].split("<aside")[0]
    public_story = in_public.split('id="story"')[1]
    assert lines(desk_story) == wanted
    assert lines(public_story) == wanted
    state = desk_story.split('class="hj-state-row"')[1].split("</div>")[0]
    assert api_told["status_text"] in text_of(state)
    assert api_told["reason_text"] in text_of(state)
    assert api_told["status_text"] in text_of(public_story.split("hj-state")[1].split("</strong>")[0])
    if api_told["updated"]:
        updated = api_told["updated"]["at"]
        instant = updated if len(updated) == len("2026-01-01") else utc(updated)
        assert f'datetime="{instant}"' in state
        assert f'datetime="{instant}"' in public_story


def utc(text: str) -> str:
    return datetime.fromisoformat(text).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_a_correction_changes_every_door_at_once(doors, client_of):
    console, keyed, stranger = doors
    start = datetime.now(UTC)
    step = {"classifier": "ACT", "place": "成都", "reason": "", "day": False}
    number = tell(
        keyed,
        [step | {"milestone": "picked_up", "minutes": -600}, step | {"milestone": "delivered", "minutes": -5}],
        start=start,
    )
    manager = client_of("cs_manager")
    path = re.search(rf"/app/shipments/{number}/events/\d+/correct", manager.get(f"/app/shipments/{number}").text)[0]
    manager.post(path, {"cause": "签收扫错"})
    assert keyed.get(f"/api/v1/shipments/{number}").json()["status"] == "picked_up"
    assert stranger.get("/api/v1/track", {"numbers": number}).json()["results"][0]["status"] == "picked_up"
    for page in (console.get(f"/app/shipments/{number}"), stranger.get(f"/track/{number}")):
        assert "已揽收" in page.text
        assert lines(page.text.split('id="story"')[1]) == ["已揽收 · 成都"]

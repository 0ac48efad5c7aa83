"""The public pages: reachable by anyone, in both languages, with a strict policy."""

from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse

from huoji.core.milestone import Milestone
from huoji.core.moment import Moment
from huoji.kit import clock
from huoji.web import navigation, story
from tests.web import samples
from tools import messages

PAGES = ["/", "/help", "/contact"]


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_stranger_can_open_every_public_page_in_both_languages(path, lang):
    answer = Client().get(path, {"lang": lang})
    assert answer.status_code == 200
    assert f'lang="{"en" if lang == "en" else "zh-Hans"}"' in answer.text


def test_the_language_is_remembered_and_otherwise_the_browsers_and_otherwise_chinese():
    client = Client()
    assert 'lang="zh-Hans"' in client.get("/").text
    assert '<html lang="en"' in client.get("/", headers={"accept-language": "en-GB,en;q=0.9"}).text
    assert '<html lang="zh-Hans"' in client.get("/", headers={"accept-language": "de"}).text
    client.get("/?lang=en")
    assert '<html lang="en"' in client.get("/").text


def test_scripts_run_only_from_our_own_files_or_with_the_nonce():
    answer = Client().get("/")
    policy = answer["Content-Security-Policy"]
    nonce = answer.text.split('<style nonce="')[1].split('"')[0]
    assert f"'nonce-{nonce}'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe-eval" not in policy


@pytest.mark.urls("tests.web.sample_site")
@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("number", list(samples.answers()))
def test_every_kind_of_answer_has_a_page(number, lang):
    answer = Client().get(f"/track/{number}", {"lang": lang})
    assert answer.status_code == 200
    assert number in answer.text
    assert answer["Cache-Control"] == "no-store"


def names_in(answer) -> set[str]:
    """Everything of an answer that is a name and so stays in its own writing."""
    entries = {text for entry in answer.entries for text in (entry.place, entry.next_place, entry.via)}
    parties = {text for party in answer.parties for text in (party.name, party.phone, party.address)}
    signed = {answer.proof.signed_by} if answer.proof else set()
    return entries | parties | signed | {stop.place for stop in answer.stops}


def chinese_in(html: str, *, names: set[str] = frozenset()) -> str:
    for name in sorted(names, key=len, reverse=True):
        html = html.replace(name, "") if name else html
    return "".join(messages.CJK.findall(html.replace(">中文<", "><")))


@pytest.mark.urls("tests.web.sample_site")
@pytest.mark.parametrize("number", list(samples.answers()))
def test_an_english_answer_says_no_chinese_but_names(number):
    html = Client().get(f"/track/{number}", {"lang": "en"}).text
    assert not chinese_in(html, names=names_in(samples.answers()[number]))


@pytest.mark.urls("tests.web.sample_site")
@pytest.mark.parametrize(
    "path",
    [
        *PAGES,
        "/track/SF7444400554417",
        "/track/HJ1",
        "/accounts/login/",
        "/nowhere",
        f"/track?numbers={','.join(samples.answers())}",
    ],
)
def test_an_english_page_says_no_chinese(db, path):
    html = Client(headers={"accept-language": "en"}).get(path).text
    names = set().union(*map(names_in, samples.answers().values()))
    assert not chinese_in(html, names=names)


@pytest.mark.parametrize("room", [room.url for room in navigation.ROOMS])
def test_every_room_of_the_workspace_speaks_both_languages(client_of, room):
    client = client_of("it_admin", "cs_chief_clerk", "cs_manager", "dispatch", "warehouse")
    answer = client.get(reverse(room), headers={"accept-language": "en"})
    assert answer.status_code == 200
    main = answer.text.split('<nav class="hj-side"')[1]
    assert not chinese_in(main, names={"测试员"})


def test_what_a_source_writes_is_shown_as_text_never_as_markup():
    now = clock.reader(now=datetime(2026, 11, 23, tzinfo=UTC))
    evil = "<img src=x onerror=alert(1)>"
    told = samples.entry(Moment(now.now), Milestone.DEPARTED, evil, next_place=evil, via=evil, source=evil)
    html = str(story.line([told], reader=now))
    assert "<img" not in html
    assert html.count("&lt;img") == 3  # a source that is not one of ours is not named at all

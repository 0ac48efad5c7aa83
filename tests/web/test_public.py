"""The public pages: reachable by anyone, in both languages, with a strict policy."""

import pytest
from django.test import Client

from tests.web import samples

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

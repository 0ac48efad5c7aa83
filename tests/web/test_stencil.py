"""A page filled into its stencil is the page that the template renders."""

import re
from types import NoneType
from typing import get_args, get_origin, get_type_hints

import pytest
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.safestring import SafeString, mark_safe
from hypothesis import given
from hypothesis import strategies as st

from huoji.core.milestone import Milestone
from huoji.web import brand, public, stencil
from huoji.web.context import Shell
from huoji.web.story import Story
from tests.web import samples

TEXTS = st.text(st.sampled_from("a<>&'\"{}%货 0n"), max_size=6)
LOOKS = {
    "css": st.sampled_from(["done", "current", "ahead"]),
    "tone": st.sampled_from(["calm", "bad"]),
    "icon": st.sampled_from(["package", "truck"]),
    "number": st.sampled_from(["HJ0000000001", "A-1"]),
    "pictures": st.just(()),
}


PRIMITIVES = {str: TEXTS, bool: st.booleans(), int: st.integers(0, 9), NoneType: st.none()}
MARKUP = TEXTS.map(lambda text: mark_safe(f"<b>{len(text)}</b>" if text else ""))


def of(kind: type, name: str = "") -> st.SearchStrategy:
    """Generate values of a field by its type."""
    known = LOOKS.get(name, MARKUP if kind is SafeString else PRIMITIVES.get(kind))
    if known is not None:
        return known
    inner = get_args(kind)
    if get_origin(kind) is tuple:
        many = inner[-1] is ...
        return st.lists(of(inner[0]), max_size=3).map(tuple) if many else st.tuples(*(of(each) for each in inner))
    if inner:
        return st.one_of(*(of(each) for each in inner))
    hints = get_type_hints(kind)
    return st.builds(kind, **{field: of(hints[field], field) for field in kind.__struct_fields__})


LINKS = st.lists(st.tuples(TEXTS, st.sampled_from(["HJ0000000002"])), max_size=2).map(tuple)
STORIES = st.builds(
    Story,
    **{field: of(get_type_hints(Story)[field], field) for field in Story.__struct_fields__} | {"links": LINKS},
)


def asked(path: str) -> HttpRequest:
    request = HttpRequest()
    request.path, request.method = path, "GET"
    request.csp_nonce = "nonce&"
    return request


def by_template(request: HttpRequest, context: dict) -> str:
    known = {"request": request, "shell": Shell(request), "brand": brand.current(), "csrf_token": get_token(request)}
    return render_to_string("web/track.html", {**context, **known})


def without_token(page: str) -> str:
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page)


@pytest.mark.parametrize("lang", ["zh-hans", "en"])
def test_whatever_is_shown_the_page_is_the_same(lang):
    @given(STORIES, st.sampled_from(["", "wss://a/live/?x=<1>&y"]), st.sampled_from(["", "[1]"]))
    def run(story, live_url, points):
        context = {
            "story": story,
            "live_url": live_url,
            "live_token": "t'",
            "points": points,
        }
        request = asked(f"/track/{story.number}")
        pages = [public.filled(request, context), by_template(request, context)]
        assert without_token(pages[0]) == without_token(pages[1])

    with translation.override(lang):
        run()


@pytest.mark.parametrize("number", list(samples.answers()))
def test_a_second_number_of_the_same_shape_shows_nothing_of_the_first(number):
    answer = samples.answers()[number]
    context = public.context_of(sampled := asked(f"/track/{number}"), answer) | {"points": ""}
    first = public.filled(sampled, context)
    again = public.filled(asked(f"/track/{number}"), context)
    assert without_token(first) == without_token(again) == without_token(by_template(sampled, context))


def test_words_are_escaped_and_markup_is_kept():
    words: list[str] = []
    assert stencil.shape_of(("a<b", mark_safe("<i>x</i>"), "", 3, Milestone.DELIVERED), words)[2:4] == ("", 3)
    assert words[:2] == ["a&lt;b", "<i>x</i>"]


def test_no_more_shapes_are_kept_than_the_limit():
    stencil.forget()
    for size in range(stencil.STENCILS_MAX + 50):
        stencil.fill({"a": (1,) * (size % 7), "b": size}, render=lambda shown: "x", key=())
    assert len(stencil._stencils) == stencil.STENCILS_MAX
    stencil.forget()

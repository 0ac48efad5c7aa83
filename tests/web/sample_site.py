"""The public pages over hand-built answers at their usual addresses: for tests, and to look at pages before there is data."""

from django.http import Http404
from django.shortcuts import render
from django.urls import URLPattern, URLResolver, path
from django.views.decorators.csrf import csrf_exempt

from huoji.core.numbers import normalise
from huoji.web import public
from huoji.web.urls import handler400, handler403, handler404, handler429, handler500
from huoji.web.urls import urlpatterns as real
from tests.web import samples

__all__ = ["handler400", "handler403", "handler404", "handler429", "handler500", "urlpatterns"]


@csrf_exempt
def track(request):
    numbers = request.GET.get("numbers", "").split(",")
    if request.method == "POST" or len(numbers) == 1:
        return public.track(request)
    return public.many(request, numbers, samples.answers(), cut="cut" in request.GET)


def track_one(request, number):
    answer = samples.answers().get(normalise(number))
    return public.one(request, answer) if answer else public.missing(request, number=number)


def track_story(request, number):
    answer = samples.answers().get(number)
    if answer is None:
        raise Http404
    return render(request, "web/story.html", public.context_of(request, answer))


urlpatterns: list[URLPattern | URLResolver] = [
    path("track", track, name="track"),
    path("track/<str:number>", track_one, name="track-one"),
    path("track/<str:number>/story", track_story, name="track-story"),
    *real,
]

"""The public pages over hand-built answers: urls for tests and for looking at pages before there is data."""

from django.urls import URLPattern, URLResolver, path

from huoji.core.numbers import normalise
from huoji.web import public
from huoji.web.urls import handler400, handler403, handler404, handler500
from huoji.web.urls import urlpatterns as real
from tests.web import samples

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]


def track_one(request, number):
    answer = samples.answers().get(normalise(number))
    return public.one(request, answer) if answer else public.missing(request, number=number)


def track(request):
    numbers = request.GET["numbers"].split(",")
    return public.many(request, numbers, samples.answers(), cut="cut" in request.GET)


urlpatterns: list[URLPattern | URLResolver] = [
    path("sample/track", track, name="sample-many"),
    path("sample/track/<str:number>", track_one, name="sample-one"),
    *real,
]

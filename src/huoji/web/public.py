"""Pages for everyone: ask where the cargo is, read the answer, find help. No sign-in, and no JavaScript needed."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "web/home.html")


@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    return render(request, "web/help.html")


@require_safe
def contact(request: HttpRequest) -> HttpResponse:
    return render(request, "web/contact.html")


@csrf_exempt  # asking changes nothing, and the page with the question stays free of cookies
@require_http_methods(["GET", "HEAD", "POST"])
def track(request: HttpRequest) -> HttpResponse:
    text = request.POST.get("numbers", "") if request.method == "POST" else request.GET.get("numbers", "")
    return render(request, "web/home.html", {"asked": text})

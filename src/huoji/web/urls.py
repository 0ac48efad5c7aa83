"""The root of all URLs."""

from django.urls import URLPattern, URLResolver, include, path

from huoji.web import api

urlpatterns: list[URLPattern | URLResolver] = [
    path("i18n/", include("django.conf.urls.i18n")),
    path("api/v1/", api.api.urls),
    path("api/docs", api.docs, name="api-docs"),
]

handler400 = "huoji.kit.problem.bad_request"
handler403 = "huoji.kit.problem.permission_denied"
handler404 = "huoji.kit.problem.not_found"
handler500 = "huoji.kit.problem.server_error"

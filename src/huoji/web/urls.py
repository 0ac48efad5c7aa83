"""The root urls: public pages first, then the workspace, then the doors of machines."""

from django.urls import URLPattern, URLResolver, include, path

from huoji.web import api, brand_page, health, label, palette, public, reference, scan, signin, start

urlpatterns: list[URLPattern | URLResolver] = [
    path("", public.home, name="home"),
    path("help", public.help_page, name="help"),
    path("contact", public.contact, name="contact"),
    path("brand/logo/<slug:sha>", brand_page.logo, name="brand-logo"),
    path("track", public.track, name="track"),
    path("accounts/", include(signin.urlpatterns)),
    path("track/<str:number>", public.track_one, name="track-one"),
    path("track/<str:number>/story", public.track_story, name="track-story"),
    path("track/<str:number>/verify", public.track_verify, name="track-verify"),
    path("track/<str:number>/proof/<slug:sha>", public.track_proof, name="track-proof"),
    path("app/", start.page, name="workspace"),
    path("app/", include("huoji.apps.accounts.urls")),
    path("app/shipments/<str:number>/label.pdf", label.shipment_label, name="shipment-label"),
    path("app/scan", scan.page, name="scan"),
    path("app/scan/<int:unit_id>/<int:event_id>/undo", scan.undo, name="scan-undo"),
    path("app/settings/brand", brand_page.edit, name="brand-settings"),
    path("app/search", palette.palette, name="search"),
    path("app/search/people", palette.people, name="search-people"),
    path("app/health", health.page, name="health"),
    path("app/health/outbox/<int:row_id>/retry", health.retry, name="health-retry"),
    path("app/health/set-aside/<int:row_id>/retry", health.try_again, name="health-try-again"),
    path("app/health/set-aside/<int:row_id>/drop", health.drop, name="health-drop"),
    path("healthz", health.healthz, name="healthz"),
    path("metrics", health.metrics_page, name="metrics"),
    path("app/", include("huoji.apps.places.urls")),
    path("app/", include("huoji.apps.customers.urls")),
    path("app/", include("huoji.apps.fleet.urls")),
    path("app/", include("huoji.apps.shipments.urls")),
    path("app/", include("huoji.apps.warehouse.urls")),
    path("api/v1/", api.api.urls),
    path("api/docs", reference.page, name="api-docs"),
]

handler400 = "huoji.kit.problem.bad_request"
handler403 = "huoji.kit.problem.permission_denied"
handler404 = "huoji.kit.problem.not_found"
handler429 = "huoji.web.signin.too_many"
handler500 = "huoji.kit.problem.server_error"

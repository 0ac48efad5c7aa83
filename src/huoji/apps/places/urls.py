"""The addresses of places in the workspace; web mounts them below /app/."""

from django.urls import URLPattern, path

from huoji.apps.places import views

urlpatterns: list[URLPattern] = [
    path("places/", views.site_list, name="site-list"),
    path("places/new", views.site_new, name="site-new"),
    path("places/unknown", views.unknown, name="site-unknown"),
    path("places/<slug:code>/", views.site, name="site"),
    path("places/<slug:code>/edit", views.site_edit, name="site-edit"),
    path("places/<slug:code>/aliases", views.alias_add, name="site-alias"),
    path("places/<slug:code>/aliases/<int:alias_id>/remove", views.alias_remove, name="site-unalias"),
    path("places/<slug:code>/staff", views.staff_add, name="site-staff"),
    path("places/<slug:code>/staff/<int:assignment_id>/remove", views.staff_remove, name="site-unstaff"),
    path("places/<slug:code>/lanes", views.lane_add, name="site-lane"),
    path("places/<slug:code>/lanes/<int:lane_id>/remove", views.lane_remove, name="site-unlane"),
]

"""The addresses of shipments in the workspace; web mounts them below /app/."""

from django.urls import URLPattern, path

from huoji.apps.shipments.views import imports, lists, ordering, search, shipment, units, worklists

urlpatterns: list[URLPattern] = [
    path("", search.start, name="workspace"),
    path("search", search.palette, name="search"),
    path("search/people", search.people, name="search-people"),
    path("shipments", lists.shipments, name="shipment-list"),
    path("shipments/export", lists.export, name="shipment-export"),
    path("shipments/views", lists.view_save, name="view-save"),
    path("shipments/views/<int:view_id>/drop", lists.view_drop, name="view-drop"),
    path("shipments/new", ordering.new, name="shipment-new"),
    path("shipments/new/keep", ordering.keep, name="draft-keep"),
    path("shipments/new/discard", ordering.discard, name="draft-discard"),
    path("shipments/<str:number>", shipment.shipment, name="shipment"),
    path("shipments/<str:number>/story", shipment.story, name="shipment-story"),
    path("shipments/<str:number>/unmask", shipment.unmask, name="shipment-unmask"),
    path("shipments/<str:number>/erase", shipment.erase, name="shipment-erase"),
    path("shipments/<str:number>/events", shipment.event_add, name="event-add"),
    path("shipments/<str:number>/events/<int:event_id>/correct", shipment.event_correct, name="event-correct"),
    path("shipments/<str:number>/proof/<slug:sha>", shipment.proof, name="shipment-proof"),
    path("units/<slug:kind>/<path:number>", units.unit, name="unit"),
    path("unit-story/<slug:kind>/<path:number>", units.story, name="unit-story"),
    path("unit-events/<slug:kind>/<path:number>", units.event_add, name="unit-event-add"),
    path("imports", imports.import_list, name="imports"),
    path("imports/new", imports.import_new, name="import-new"),
    path("imports/<int:batch_id>", imports.import_one, name="import"),
    path("imports/<int:batch_id>/state", imports.import_state, name="import-state"),
    path("imports/<int:batch_id>/reading", imports.import_choose, name="import-choose"),
    path("imports/<int:batch_id>/undo", imports.import_undo, name="import-undo"),
    path("imports/<int:batch_id>/errors", imports.import_errors, name="import-errors"),
    path("worklists/parked", worklists.parked, name="parked"),
    path("worklists/parked/<int:parked_id>/discard", worklists.parked_discard, name="parked-discard"),
    path("worklists/parked/<int:parked_id>/retarget", worklists.parked_retarget, name="parked-retarget"),
    path("worklists/stalled", worklists.stalled, name="stalled"),
    path("worklists/clocks", worklists.clocks, name="clocks"),
]

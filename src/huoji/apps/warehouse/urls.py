"""The addresses of the warehouse in the workspace; web mounts them below /app/."""

from django.urls import URLPattern, path

from huoji.apps.warehouse.views import anomalies, counts, discrepancies, scanning, shelves, stock

urlpatterns: list[URLPattern] = [
    path("storage/", stock.stock, name="storage"),
    path("storage/scan", scanning.page, name="storage-scan"),
    path("storage/scan/send", scanning.send, name="storage-send"),
    path("storage/scan/anomaly", scanning.send_anomaly, name="storage-send-anomaly"),
    path("storage/worker.js", scanning.worker, name="storage-worker"),
    path("storage/goods/<path:number>", stock.goods, name="storage-goods"),
    path("storage/panel/<path:number>", stock.panel, name="storage-panel"),
    path("storage/movements/<str:movement_id>/undo", stock.undo, name="storage-undo"),
    path("storage/shelves/<slug:code>", shelves.shelves, name="storage-shelves"),
    path("storage/shelves/<slug:code>/labels", shelves.labels, name="storage-labels"),
    path("storage/shelves/<slug:code>/<int:location_id>/toggle", shelves.toggle, name="storage-shelf"),
    path("storage/counts/", counts.counts, name="storage-counts"),
    path("storage/counts/<int:count_id>", counts.count, name="storage-count"),
    path("storage/counts/<int:count_id>/close", counts.close, name="storage-count-close"),
    path("storage/discrepancies/", discrepancies.discrepancies, name="storage-discrepancies"),
    path("storage/discrepancies/<int:discrepancy_id>", discrepancies.settle, name="storage-settle"),
    path("storage/anomalies/", anomalies.anomalies, name="storage-anomalies"),
    path("storage/anomalies/<int:anomaly_id>", anomalies.anomaly, name="storage-anomaly"),
    path("storage/anomalies/<int:anomaly_id>/take", anomalies.take, name="storage-anomaly-take"),
    path("storage/anomalies/<int:anomaly_id>/conclude", anomalies.conclude, name="storage-anomaly-conclude"),
    path("storage/anomalies/<int:anomaly_id>/picture/<slug:sha>", anomalies.picture, name="storage-picture"),
]

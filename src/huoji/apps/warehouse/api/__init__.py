"""The API of the warehouse: movements, what is known of a number, and what is wrong with goods."""

from huoji.apps.warehouse.api import anomalies, goods

ROUTERS = (
    ("/storage/anomalies", anomalies.router),
    ("/storage", goods.router),
)  # a number may be any path, so it is last

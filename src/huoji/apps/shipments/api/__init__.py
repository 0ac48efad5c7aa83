"""The API of shipments: one router for shipments, events and the documents of others."""

from ninja import Router

from huoji.apps.shipments.api import events, exceptions, foreign, journeys, runs, shipments

router = Router()
for each in (shipments.router, events.router, exceptions.router, runs.router, journeys.router, foreign.router):
    router.add_router("", each)

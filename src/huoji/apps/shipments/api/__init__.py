"""The API of shipments: one router for shipments, events and the documents of others."""

from ninja import Router

from huoji.apps.shipments.api import events, foreign, shipments

router = Router()
for each in (shipments.router, events.router, foreign.router):
    router.add_router("", each)

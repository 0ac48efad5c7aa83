"""The API of the fleet: what others report of vehicles, vessels and sensors, where everything is, and where it was."""

from ninja import Router

from huoji.apps.fleet.api import conveyances, positions, readings

router = Router()
for each in (positions.router, conveyances.router, readings.router):
    router.add_router("", each)

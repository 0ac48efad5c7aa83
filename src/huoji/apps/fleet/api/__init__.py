"""The API of the fleet: what others report of vehicles, vessels and sensors."""

from ninja import Router

from huoji.apps.fleet.api import readings

router = Router()
router.add_router("", readings.router)

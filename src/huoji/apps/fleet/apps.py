"""The fleet app and what it registers with kit at start."""

from django.apps import AppConfig


class FleetConfig(AppConfig):
    name = "huoji.apps.fleet"
    label = "fleet"

    def ready(self) -> None:
        from huoji.apps.fleet import jobs  # noqa: PLC0415
        from huoji.apps.fleet.actions import contacts, partitions  # noqa: PLC0415  models exist only now
        from huoji.kit import pulse, seed  # noqa: PLC0415

        seed.register(partitions.make_days)
        pulse.with_each_beat(contacts.flush)
        jobs.register()

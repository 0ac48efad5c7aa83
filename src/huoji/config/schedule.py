"""The periodic tasks that concern the whole installation; the worker imports it."""

from datetime import datetime

from huoji.config import env, safekeeping
from huoji.kit import task


@task.periodic("backup", cron="*/5 * * * *")
def keep_safe(now: datetime) -> None:
    """Make today's backup once its hour has come, and once a week prove that the last one can be restored."""
    if safekeeping.make_if_due(env.load(), now=now):
        safekeeping.try_if_due(env.load(), now=now)

"""The periodic tasks that concern the whole installation; the worker imports it."""

from datetime import datetime

from huoji.config import env, safekeeping
from huoji.gateways import leftovers
from huoji.kit import task


@task.periodic("backup", cron="*/5 * * * *")
def keep_safe(now: datetime) -> None:
    """Make today's backup once its hour has come, and once a week prove that the last one can be restored."""
    if safekeeping.make_if_due(env.load(), now=now):
        safekeeping.try_if_due(env.load(), now=now)


@task.periodic("set_aside", cron="* * * * * */15")
def try_again(now: datetime) -> None:
    """Try to store what no table took when it came."""
    leftovers.try_again(now=now)

"""Background work of accounts: let go of sessions that ended by themselves."""

from datetime import datetime

from huoji.apps.accounts import actions
from huoji.kit import task


@task.periodic("accounts.tidy", cron="41 18 * * *")
def tidy(now: datetime) -> None:
    """Forget expired sessions; at 02:41 in Shanghai."""
    actions.forget_ended_sessions(now=now)

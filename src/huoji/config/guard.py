"""Keeps an installation off the network while it holds demonstration staff, whose passwords lie in a file."""

from huoji.apps.accounts import queries
from huoji.config.env import Env


def refusal(env: Env) -> str:
    """Return why the pages must not be served as they are set, or nothing. Needs Django and the database."""
    if not env.is_open or not queries.has_demo_staff():
        return ""
    return (
        "This installation holds demonstration staff, so it is served on this machine only.\n"
        "Remove them (huoji demo --remove), or unset HUOJI_BIND and HUOJI_PUBLIC_URL."
    )

"""What foreign codes mean in our words: one table a provider, keyed by plain strings.

Equal numbers mean different things by provider (201 is "not signed in time" at 快递100 and "arrived in the delivery city" at 快递鸟),
so a code is never stored or looked up without its provider. A code may be refined by parts after a slash (`GTIN/EMPTY/EXPORT`,
`receiving/damaged`); a refinement that no table knows falls back to the code without it.
"""

from collections.abc import Mapping
from types import MappingProxyType

from huoji.core.milestone import UNKNOWN_MEANING, Meaning
from huoji.core.milestones import aftership, dcsa, epcis, kdniao, kuaidi100, track17, uncode

PROVIDERS: Mapping[str, Mapping[str, Meaning]] = MappingProxyType(
    {
        "kuaidi100": kuaidi100.MEANINGS,
        "kdniao": kdniao.MEANINGS,
        "aftership": aftership.MEANINGS,
        "track17": track17.MEANINGS,
        "dcsa": dcsa.MEANINGS,
        "epcis": epcis.MEANINGS,
        "uncode": uncode.MEANINGS,
    }
)


def meaning(provider: str, code: str) -> Meaning:
    """Say what a provider's code means here; an unknown one moves nothing and is marked as unmapped."""
    table = PROVIDERS.get(provider)
    if table is None:
        return UNKNOWN_MEANING
    while code:
        if found := table.get(code):
            return found
        code, refined, _ = code.rpartition("/")
        if not refined:
            break
    return UNKNOWN_MEANING

"""The words of GS1's Core Business Vocabulary 2.0, and how their long forms (CURIE, URI, URN) come back to the bare word."""

from dataclasses import dataclass


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


@dataclass(frozen=True, slots=True)
class Family:
    """One closed list: what it is called in a fault, its words, and the two names its long forms carry."""

    what: str
    words: frozenset[str]
    curie: str  # cbv:BizStep-shipping, https://ref.gs1.org/cbv/BizStep-shipping
    urn: str  # urn:epcglobal:cbv:bizstep:shipping

    def bare(self, text: str) -> str:
        """Shorten a long form of one of our words to that word; leave anything else as it is."""
        for head in (f"cbv:{self.curie}-", f"urn:epcglobal:cbv:{self.urn}:"):
            if text.startswith(head):
                word = text[len(head) :]
                return word if word in self.words else text
        if text.startswith(("http://", "https://")):
            head, found, word = text.rpartition(f"/cbv/{self.curie}-")
            if found and word in self.words and head.partition("://")[2] in GS1_HOSTS:
                return word
        return text


GS1_HOSTS = frozenset({"ref.gs1.org", "ns.gs1.org", "gs1.org", "www.gs1.org"})

BIZ_STEP = Family(
    "business step of the CBV",
    _words(
        "accepting arriving assembling collecting commissioning consigning creating_class_instance cycle_counting decommissioning "
        "departing destroying disassembling dispensing encoding entering_exiting holding inspecting installing killing loading other "
        "packing picking receiving removing repackaging repairing replacing reserving retail_selling sampling sensor_reporting shipping "
        "staging_outbound stock_taking stocking storing transporting unloading unpacking void_shipping"
    ),
    "BizStep",
    "bizstep",
)
DISPOSITION = Family(
    "disposition of the CBV",
    _words(
        "active available completeness_inferred completeness_verified conformant container_closed container_open damaged destroyed "
        "dispensed disposed encoded expired in_progress in_transit inactive mismatch_class mismatch_instance mismatch_quantity "
        "needs_replacement no_pedigree_match non_conformant non_sellable_other partially_dispensed recalled reserved retail_sold returned "
        "sellable_accessible sellable_not_accessible stolen unavailable unknown"
    ),
    "Disp",
    "disp",
)
TRANSACTION_TYPE = Family(
    "business transaction type of the CBV",
    _words("bol cert desadv inv pedigree po poc prodorder recadv rma testprd testres upevt"),
    "BTT",
    "btt",
)
PARTY_TYPE = Family(
    "source or destination type of the CBV", _words("owning_party possessing_party location"), "SDT", "sdt"
)
ERROR_REASON = Family("error reason of the CBV", _words("did_not_occur incorrect_data"), "ER", "er")
COMPONENT = Family(
    "component of the CBV",
    _words(
        "x y z axial_distance azimuth height spherical_radius polar_angle elevation_angle easting northing latitude longitude altitude"
    ),
    "Comp",
    "comp",
)
ALERTS = _words("ALARM_CONDITION ERROR_CONDITION")

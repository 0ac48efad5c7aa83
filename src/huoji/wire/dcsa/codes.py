"""The closed code lists of Track & Trace 2.2 and 3.0 together, and the patterns of its numbers."""

import re

CLASSIFIERS = frozenset({"PLN", "EST", "ACT"})
TRANSPORT = frozenset({"ARRI", "DEPA"})
EQUIPMENT = frozenset(
    "AVDO AVPU CROS CUSI CUSR CUSS DISC DROP GTIN GTOT INSP LOAD PICK RMVD RSEA STRP STUF".split()  # noqa: SIM905
)
SHIPMENT = frozenset(
    "AMCF AMCN AMDC AMPR AMRE APPR CACF CADC CANC CARE CMPL CONF DECL DRFT HOLD ISSU PENA PENC PENM PENU PSAM PSDL RECE REJE RELS "  # noqa: SIM905
    "REQS SUAM SUBM SUDL SURR UPCF UPCN UPDC UPDT UPRE VOID".split()
)
IOT = frozenset({"DETC"})
IOT_DETAILS = frozenset({"DRC", "DRO", "LOC"})
REEFER = frozenset({"MEAS", "ADJU"})
EMPTY = frozenset({"EMPTY", "LADEN"})
MOVEMENTS = frozenset({"IMPORT", "EXPORT", "TRANSSHIPMENT"})
MODES = frozenset({"VESSEL", "RAIL", "TRUCK", "BARGE", "MULTIMODAL"})

UUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}", re.ASCII)
TYPE = re.compile(r"[A-Z]{2,3}", re.ASCII)
IMO = re.compile(r"\d{7}", re.ASCII)
DELAY = re.compile(r"[A-Z0-9]{1,4}", re.ASCII)
UN_LOCATION = re.compile(r"[A-Z]{2}[A-Z0-9]{3}", re.ASCII)

# ISO 3166-1 alpha-2, and XZ, under which UN/LOCODE lists installations in international waters.
COUNTRIES = frozenset(
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI "  # noqa: SIM905
    "CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ "
    "GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS "
    "LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG "
    "PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK "
    "TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK XZ YE YT ZA ZM ZW".split()
)

"""Number shapes of other carriers and lines, as data: hints for ranking, never a proof that a number exists.

Two public sources disagree on many shapes and carriers change them, so each row says how much it is worth (0 to 1).
A shape with letters of the carrier's own is worth much, a bare run of digits little, for several carriers share it.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shape:
    """One shape of one issuer's numbers; `issuer` is the code that 快递100 uses, where it has one."""

    issuer: str
    pattern: re.Pattern[str]
    worth: float


SHAPES = tuple(
    Shape(issuer, re.compile(pattern), worth)
    for issuer, pattern, worth in (
        ("shunfeng", r"SF[A-Z0-9]\d{12}", 0.90),
        ("shunfeng", r"\d{12}", 0.40),
        ("zhongtong", r"7[3-68]\d{12}", 0.60),
        ("zhongtong", r"\d{14}", 0.25),
        ("yuantong", r"YT\d{13}", 0.90),
        ("yuantong", r"[A-Z]{2}\d{10,13}", 0.15),
        ("shentong", r"(?:77|43)\d{12,15}", 0.55),
        ("shentong", r"77\d{13}", 0.60),
        ("yunda", r"[34]\d{14}", 0.55),
        ("yunda", r"5\d{12}", 0.45),
        ("yunda", r"\d{15}|\d{13}", 0.20),
        ("jtexpress", r"JT\d{13}", 0.90),
        ("jtexpress", r"JT\d{12}", 0.80),
        ("jd", r"JD[A-Z0-9]{2}\d{11}", 0.90),
        ("jd", r"JD[XK]\d{12}|JDV[A-Z]\d{11}", 0.90),
        ("debangwuliu", r"DPK\d{12}", 0.92),
        ("debangwuliu", r"\d{8,10}", 0.25),
        ("ems", r"[981]\d{12}", 0.45),
        ("ems", r"P[A-Z]\d{11}", 0.60),
        ("ems", r"(?:10|11|12|50|51|52|95|97|98|99)\d{11}", 0.50),
        ("cainiao", r"621\d{12}", 0.55),
        ("annengwuliu", r"\d{12}", 0.30),
        ("yimidida", r"\d{12}", 0.28),
        ("zhongtongkuaiyun", r"\d{12}", 0.28),
    )
)

# Standard Carrier Alpha Codes that a bill of lading number starts with; an owner code of containers is another thing.
SCAC = {
    "COSU": "COSCO",
    "OOLU": "OOCL",
    "MAEU": "Maersk",
    "MSCU": "MSC",
    "CMDU": "CMA CGM",
    "EGLV": "Evergreen",
    "HLCU": "Hapag-Lloyd",
    "ONEY": "ONE",
    "YMLU": "Yang Ming",
    "HDMU": "HMM",
    "ZIMU": "ZIM",
    "PCIU": "PIL",
    "WHLC": "Wan Hai",
    "MATS": "Matson",
}

# First letter of the service indicator of UPU S10.
S10_SERVICES = {
    "E": "ems",
    "R": "registered",
    "C": "parcel",
    "L": "letter_express",
    "V": "insured",
    "U": "letter",
    "H": "ecommerce_parcel",
}

# Countries of ISO 3166 that a postal operator may stand for in S10 (with the UPU's own additions).
S10_COUNTRIES = frozenset(
    re.findall(
        "..",
        "ADAEAFAGAIALAMANAOARASATAUAWAXAZBABBBDBEBFBGBHBIBJBLBMBNBOBQBRBSBTBWBYBZCACCCDCFCGCHCICKCLCMCNCOCRCUCVCWCXCYCZ"
        "DEDJDKDMDODZECEEEGERESETFIFJFKFMFOFRGAGBGDGEGFGGGHGIGLGMGNGPGQGRGSGTGUGWGYHKHNHRHTHUIDIEILIMINIOIQIRISITJEJMJOJP"
        "KEKGKHKIKMKNKPKRKWKYKZLALBLCLILKLRLSLTLULVLYMAMCMDMEMFMGMHMKMLMMMNMOMPMQMRMSMTMUMVMWMXMYMZNANCNENFNGNINLNONPNRNUNZ"
        "OMPAPEPFPGPHPKPLPMPNPRPSPTPWPYQARERORSRURWSASBSCSDSESGSHSISJSKSLSMSNSOSRSSSTSVSXSYSZTCTDTGTHTJTKTLTMTNTOTRTTTVTWTZ"
        "UAUGUSUYUZVAVCVEVGVIVNVUWFWSXKYEYTZAZMZW",
    )
)

# Maritime identification digits of the flags met most on our routes; others are valid too, only worth less.
MARITIME_IDS = frozenset(
    [
        "412",
        "413",
        "414",
        "416",
        "453",
        "477",
        "538",
        "563",
        "564",
        "565",
        "566",
        "636",
        *map(str, range(351, 358)),
        *map(str, range(370, 375)),
    ]
)

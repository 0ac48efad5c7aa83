"""Personal data as each audience may see it, at least as closed as GB/T 41833-2022 asks of a label.

The standard: hide at least one character of a name, six digits of a phone number, and the unit part of an address.
We hide more. Every function only ever replaces characters by stars or cuts, so masking twice changes nothing, and what
a narrower audience sees is part of what a wider one sees. The whole text is never returned: unmasking is another act.
"""

import re
from itertools import takewhile

from huoji.core.answer import Audience
from huoji.core.numbers import half_width

STAR = "*"
CUT = "***"
TRAILING = " *,、-\uff0c"
PHONE_DIGITS_HIDDEN_MIN = 6
TEXT_MAX = 500  # a longer field is no name, phone or address, and is cut before it is read

COMPOUND_SURNAMES = frozenset(
    re.findall(
        "..",
        "欧阳上官司马诸葛东方皇甫尉迟公孙慕容长孙宇文司徒令狐夏侯端木独孤南宫百里轩辕闻人申屠赫连澹台公冶太史拓跋呼延钟离鲜于西门东郭第五",
    )
)
COMPANY_LENGTH_MIN = 4  # 王厂 is a person
COMPANY = re.compile(
    r"(?:公司|集团|厂|商行|商店|商城|超市|中心|事务所|研究院|研究所|医院|大学|学院|学校|银行|合作社|经营部|营业部|门市部|分店|总店|"
    r"旗舰店|专卖店|工作室|酒店|协会|物流|供应链)(?:[((][^()()]{0,20}[))])?$"
    r"|\b(?:ltd|limited|inc|corp|corporation|company|co\.|gmbh|llc|llp|plc|pty|pte|sdn|bhd)\.?$",
    re.IGNORECASE,
)
HAN = re.compile(r"[\u3400-\u9fff]")

PHONES = re.compile(r"([/;;、,,|])")
PHONE_PREFIX = re.compile(r"\s*(?:(?:\+|00)\s*86[\s-]*|\+|00)(?=(?:[\s-]*[\d*]){7})")
EXTENSION = re.compile(
    r"(?P<main>.*[\d*])(?P<mark>\s*(?:转|分机|ext\.?|x|#|-)\s*)(?P<digits>[\d*]{1,6})\s*", re.IGNORECASE
)
PHONE_WRITING = frozenset(" +-()()转分机extEXT.#x")
EXTENSION_AFTER_DIGITS = 7
DIGITS_WITHOUT_EXTENSION_MAX = 11

ORDINAL = r"[\d一二三四五六七八九十百零〇两]+"
ROAD = re.compile(
    rf"(?:公路|大道|大街|胡同|路|街(?!道|区)|巷|弄|道(?=\s*{ORDINAL}\s*[号弄]))(?:[东南西北中]?[一二三四五六七八九]?段)?"
    rf"(?:\s*{ORDINAL}(?:[-之]{ORDINAL})?\s*(?:弄|号(?!\s*[楼院栋幢门房室]|线)))?"
)
COMMUNITY = re.compile(
    r"小区|社区|花园|家园|公寓|新村|村(?!镇)|佳苑|[雅馨名华景]苑|大厦|写字楼|商务楼|广场|工业园(?!区)|产业园|科技园|物流园|软件园|"
    r"大学|学院|医院|步行街|商城|市场"
)
# What names one home: everything from here on is dropped, wherever it stands.
UNIT = re.compile(
    rf"(?:{ORDINAL}|[A-Za-z])[\dA-Za-z-]*\s*号?\s*(?:楼|院|单元|栋|幢|座|层|室|房|门(?![峡县镇路街口])|户|#)|[甲乙丙丁戊东西南北]\s*(?:单元|栋|幢|座|塔楼|户)"
    rf"|(?:地下室|快递柜|信箱|电话|手机|收件人|联系人)|[\d*-]{{5,}}"
)
ADMIN = re.compile(
    r"(?:[^市区县旗\d*]{2,7}?(?:省|自治区|特别行政区))?(?:[^\d*]{2,8}?(?:自治州|地区|盟|市))?(?:[^\d*]{1,10}?(?:新区|区|县|自治旗|旗|市))?"
)
TOWN = re.compile(r"(?:街道|镇|乡|苏木|开发区|园区|高新区|保税区)")
LATIN_UNIT = re.compile(
    r"\b(?:room|rm|unit|apt|apartment|flat|floor|fl|suite|ste|building|bldg|block|house|tower|p\.?o\.? box)\b",
    re.IGNORECASE,
)


def mask_name(text: str, *, level: Audience) -> str:
    """Return a name with all but its surname hidden (张三 -> 张*); a company's name is whole except for a bare number."""
    words = text[:TEXT_MAX].split()
    return " ".join(mask_word(word, first=index == 0, level=level) for index, word in enumerate(companies(words)))


def companies(words: list[str]) -> list[str]:
    """Join the words up to one that ends like a company, so that `Acme Trading Co.` is judged as one name."""
    ends = [index for index in range(len(words)) if is_company(" ".join(words[: index + 1]))]
    if not ends:
        return words
    return [" ".join(words[: ends[-1] + 1]), *words[ends[-1] + 1 :]]


def is_company(name: str) -> bool:
    return len(name) >= COMPANY_LENGTH_MIN and COMPANY.search(name) is not None


def mask_word(word: str, *, first: bool, level: Audience) -> str:
    if is_company(word):
        return word if level is not Audience.BARE else (word[0] if word[0].isalpha() else "") + CUT
    if not word.strip(STAR):
        return word
    if not HAN.match(word):
        return word[0] + CUT if first and word[0].isalpha() else CUT
    kept = 2 if word[:2] in COMPOUND_SURNAMES and len(word) > len("欧阳") else min(1, len(word) - 1)
    return word[:kept] + STAR * (len(word) - kept)


def mask_phone(text: str, *, level: Audience) -> str:
    """Return phone numbers with at least six digits hidden (138******78), for a bare number all but the last two.

    An extension is hidden wholly; what is no digit and no usual writing of a phone number is left out.
    """
    parts = PHONES.split(half_width(text[:TEXT_MAX]))
    return "".join(part if PHONES.fullmatch(part) else mask_one_phone(part, level=level) for part in parts).strip()


def mask_one_phone(text: str, *, level: Audience) -> str:
    text = "".join(char for char in text if is_digit_place(char) or char in PHONE_WRITING)
    prefix = PHONE_PREFIX.match(text)
    start = prefix.end() if prefix else 0
    main, extension = split_extension(text[start:])
    head = 2 if prefix and "86" not in prefix.group() else 3
    return text[:start] + hide_digits(main, head=head, level=level) + re.sub(r"[\d*]", STAR, extension)


def split_extension(text: str) -> tuple[str, str]:
    """Cut `021-62345678-8012` before its last group, but not `138-0013-8000`."""
    found = EXTENSION.fullmatch(text)
    if not found:
        return text, ""
    before, after = count_digits(found["main"]), len(found["digits"])
    by_dash = found["mark"].strip() == "-"
    if before < EXTENSION_AFTER_DIGITS or (by_dash and before + after <= DIGITS_WITHOUT_EXTENSION_MAX):
        return text, ""
    return found["main"], text[found.end("main") :]


def count_digits(text: str) -> int:
    return sum(is_digit_place(char) for char in text)


def is_digit_place(char: str) -> bool:
    return char.isdigit() or char == STAR


def hide_digits(text: str, *, head: int, level: Audience) -> str:
    """Keep `head` leading and two last digits as far as six stay hidden; places already starred count as digits."""
    total = count_digits(text)
    tail = min(2, max(0, total - PHONE_DIGITS_HIDDEN_MIN))
    head = 0 if level is Audience.BARE else min(head, max(0, total - PHONE_DIGITS_HIDDEN_MIN - tail))
    place, shown = 0, []
    for char in text:
        if is_digit_place(char):
            shown.append(char if place < head or place >= total - tail else STAR)
            place += 1
        else:
            shown.append(char)
    return "".join(shown)


def mask_address(text: str, *, level: Audience) -> str:
    """Return an address to its road and number or its community (…XX路500号***), for a bare number to its district."""
    text = text[:TEXT_MAX].strip()
    if not text:
        return ""
    if not HAN.search(text):
        return mask_latin_address(text, level=level)
    whole = address_cut(text)
    if level is Audience.BARE:
        admin = ADMIN.match(text[:whole])
        whole = min(whole, admin.end() if admin else 0)
    kept = text[:whole].rstrip(TRAILING)
    return (kept if HAN.search(kept) else "") + CUT


def address_cut(text: str) -> int:
    """Return where the part that may be shown ends: never behind a unit, at the first road or community, else at the area."""
    unit = UNIT.search(text)
    text = text[: unit.start()] if unit else text
    ends = [found.end() for found in (ROAD.search(text), COMMUNITY.search(text)) if found]
    if ends:
        return min(ends)
    admin = ADMIN.match(text)
    return max([*(found.end() for found in TOWN.finditer(text)), admin.end() if admin else 0])


def mask_latin_address(text: str, *, level: Audience) -> str:
    """Keep the trailing parts (city, region, country) that hold no digit and name no unit; the first part is always hidden."""
    parts = [part.strip() for part in text.split(",")]
    kept = list(
        takewhile(
            lambda part: part and not any(map(str.isdigit, part)) and STAR not in part and not LATIN_UNIT.search(part),
            reversed(parts[1:]),
        )
    )
    if level is Audience.BARE:
        kept = kept[:1]
    return ", ".join([CUT, *reversed(kept)])

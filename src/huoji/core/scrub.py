"""Take phone numbers and the names of people out of the free text that providers send, before it is stored.

A few compiled patterns, no look-ups: a line costs some microseconds, so that ingest can afford it. Runs of blanks are
matched possessively, or a hostile line would cost the cube of its length.
A word too much is hidden rather than a name left: the milestone and the place of an event live in fields of their own.
"""

import re

from huoji.core.numbers import half_width

HIDDEN_PHONE = "***"
HIDDEN_NAME = "**"

COLON = ":\uff1a"
COMMA = ",\uff0c"
OPEN = "[(\uff08\\[【「]"
CLOSE = "[)\uff09\\]】」]"
FULL_WIDTH = re.compile("[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\uff0b\uff0d]")

# Mobile (also grouped, also with +86 and an extension), landline with area code, 400/800 numbers, foreign with a plus,
# and a number that the provider masked himself in any place.
PHONE = re.compile(
    r"(?<![\dA-Za-z*])(?:"
    r"(?:\+?86[- ]?)?1[3-9][\d*][- ]?[\d*]{4}[- ]?[\d*]{4}(?:-\d{1,6})?"
    r"|1\*{4,10}[\d*]{0,4}"
    r"|0\d{2,3}[- ]?[1-9*][\d*]{6,7}(?:-\d{1,6})?"
    r"|[48]00[- ]?\d{3,4}[- ]?\d{3,4}"
    r"|\+\d{1,3}[- ]?\d(?:[- ]?\d){6,12}"
    r")(?![\dA-Za-z*])"
)
# A phone that follows its own label may be of any shape.
LABELLED_PHONE = re.compile(
    rf"((?:电话|手机|手机号码?|联系方式|致电|拨打|热线|[Tt]el|TEL|[Pp]hone|[Mm]obile)\s*+[{COLON}为是]?\s*+{OPEN}?\s*+)"
    r"\+?[\d*][\d*\- ]{4,18}[\d*]"
)

# Values after a label that name no person.
NO_PERSON = (
    r"(?!本人|他人|家人|家属|同事|朋友|门卫|保安|前台|物业|收发|代收|代签|自提|自取|邮件|快递|快件|菜鸟|丰巢|驿站|柜|门口|家门|凭|"
    r"正在|已|未|将|会|请|为|在|的|是|与|及|和|或|电话|手机|联系|拒|无|不|地址|姓名|客户|公司|单位|上门|派送|派件|取件|揽收|签收|途中)"
)
ROLE = (
    r"(?:收件人|收货人|寄件人|发件人|发货人|取件人|提货人|联系人|签收人|代签人|代收人|签收|派件员|派件人|派送员|派送人|送货员|配送员|投递员|"
    r"快递员|业务员|揽件员|揽收员|揽投员|取件员|收件员|快递小哥|司机|驾驶员|经手人|操作员|客服|姓名)"
)
SURNAME = (
    "[王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付"
    "傅方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤欧阳司马上官诸葛]"
)
NAME = re.compile(
    # 派件员:张三  签收人【李四】  快递员 王五
    rf"({ROLE}(?:\s*+(?:[{COLON}是为]|{OPEN})|\s++)\s*+{OPEN}?\s*+){NO_PERSON}[\u3400-\u9fff·]{{1,4}}\**+(?:生|士|姐|傅)?"
    # 快递员张三正在  派件员李四(138…)
    rf"|({ROLE}){NO_PERSON}{SURNAME}[\u4e00-\u9fff*]{{1,2}}"
    rf"(?=正在|已|为您|将|派件|派送|电话|手机|联系|[{COMMA}。;\uff1b\s]|{OPEN}|$)"
    # 的张三(138…)  】张三,电话
    rf"|((?:{CLOSE}|[的{COMMA}]|^)\s*+){SURNAME}[\u4e00-\u9fff*]{{1,2}}"
    rf"(?=\s*+(?:{OPEN}|[{COMMA}])?\s*+(?:电话|手机|联系|派件|正在派|\*\*\*))"
)
LATIN_NAME = re.compile(
    r"((?:\b(?:[Ss]igned|[Rr]eceived|SIGNED|RECEIVED)(?: for| FOR)? (?:by|BY)|\b(?:[Rr]ecipient|[Rr]eceiver|[Cc]onsignee|[Cc]ourier|[Dd]river"
    r"|[Cc]ontact|[Ss]ignatory))\s*+[:\uff1a]?\s*+)[A-Z][\w.'’-]*+(?:\s++[A-Z][\w.'’-]*+){0,3}"
)


def scrub(text: str) -> str:
    """Return the text with phone numbers as *** and people's names as **; nothing else of a usual line changes.

    Full-width digits and letters become half-width first, so that a number cannot hide in them.
    """
    if FULL_WIDTH.search(text):
        text = FULL_WIDTH.sub(narrow, text)
    text = LABELLED_PHONE.sub(rf"\1{HIDDEN_PHONE}", text)
    text = PHONE.sub(HIDDEN_PHONE, text)
    text = LATIN_NAME.sub(rf"\1{HIDDEN_NAME}", text)
    return text if text.isascii() else NAME.sub(hide_name, text)


def narrow(found: re.Match[str]) -> str:
    return half_width(found.group())


def hide_name(found: re.Match[str]) -> str:
    return (found[1] or found[2] or found[3] or "") + HIDDEN_NAME

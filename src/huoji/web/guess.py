"""Say in words what a number that we do not know looks like, so that its reader knows where to ask next."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from huoji.core.recognise import Guess, Kind, recognise
from huoji.core.wording import Lang, Words

SURE = 0.5  # below this a shape fits too many carriers to name one
GUESSES_MAX = 2

ISSUERS: dict[str, Words] = {
    "shunfeng": ("顺丰", "SF Express"),
    "zhongtong": ("中通", "ZTO"),
    "zhongtongkuaiyun": ("中通快运", "ZTO Freight"),
    "yuantong": ("圆通", "YTO"),
    "shentong": ("申通", "STO"),
    "yunda": ("韵达", "Yunda"),
    "jtexpress": ("极兔", "J&T"),
    "jd": ("京东", "JD"),
    "debangwuliu": ("德邦", "Deppon"),
    "ems": ("邮政 EMS", "China Post EMS"),
    "cainiao": ("菜鸟", "Cainiao"),
    "annengwuliu": ("安能", "ANE"),
    "yimidida": ("壹米滴答", "Yimidida"),
}


def sentences(number: str, *, prefix: str, lang: Lang) -> list[str]:
    """Return at most two sentences on what this number looks like."""
    return list(_sentences(recognise(number, prefix=prefix), lang=lang))[:GUESSES_MAX]


def _sentences(guesses: list[Guess], *, lang: Lang) -> Iterator[str]:
    for guess in guesses:
        match guess.kind:
            case Kind.WAYBILL if guess.check_ok:
                yield _("这是本公司的单号格式，但还没有这一单的记录。")
            case Kind.WAYBILL:
                yield _("看起来像本公司的单号，但校验位不对，可能抄错了一位。")
            case Kind.CONTAINER if guess.check_ok:
                yield _("看起来像集装箱号，但不在本公司的运输记录里。")
            case Kind.CONTAINER:
                yield _("看起来像集装箱号，但校验位不对，可能抄错了一位。")
            case Kind.BILL if guess.confidence >= SURE:
                yield _("看起来像 {issuer} 的提单号，不在本公司的运输记录里。").format(issuer=guess.issuer)
            case Kind.PARCEL if guess.confidence >= SURE:
                yield _parcel(guess, lang=lang)
            case _:
                continue


def _parcel(guess: Guess, *, lang: Lang) -> str:
    if guess.issuer.startswith("post-"):
        country = guess.issuer.removeprefix("post-").upper()
        if guess.check_ok:
            return _("看起来像国际邮件号码（{country} 邮政），请向邮政查询。").format(country=country)
        return _("看起来像国际邮件号码（{country} 邮政），但校验位不对，可能抄错了一位。").format(country=country)
    name = ISSUERS[guess.issuer][lang] if guess.issuer in ISSUERS else guess.issuer
    return _("看起来像{issuer}单号，请向该公司查询。").format(issuer=name)

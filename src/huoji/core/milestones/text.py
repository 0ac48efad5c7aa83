"""Reads the free Chinese text of a tracking line that carries no code: what happened, where, and where it goes next.

What is read this way is marked as inferred. The rules are tried from top to bottom and the first that fits decides, so that the more
telling phrase stands above the phrase it contains (退回签收 above 签收 above 派件). Advice to the reader (请…, 如有…) is cut off first: it
names things that did not happen. A text that no rule fits is unmapped and moves nothing.
"""

import re
from dataclasses import dataclass

from huoji.core.milestone import UNKNOWN_MEANING, Certainty, Meaning, Milestone, Reason

MAX_TEXT_CHARS = 1_000  # what comes after says nothing that decides


@dataclass(frozen=True, slots=True)
class Reading:
    """What one line of text says; a place that is not told is empty."""

    meaning: Meaning
    place: str = ""
    next_place: str = ""


def _rule(pattern: str, milestone: Milestone, reason: Reason = Reason.NONE) -> tuple[re.Pattern[str], Meaning]:
    return re.compile(pattern), Meaning(milestone, reason, Certainty.INFERRED)


POINT = "驿站|快递柜|丰巢|智能柜|自提柜|自提点|代收点|代办点|服务站|便利店|超市|菜鸟|妈妈店|兔喜"

RULES = (
    # the way back
    _rule(r"退[回件货签].{0,12}(?:已|被|完成)?.{0,4}签收|已退签|签收.{0,6}退回件|退回.{0,8}寄件人.{0,6}已?签收", Milestone.RETURNED),
    _rule(r"退回|退件|退货|返回寄件|原路返回", Milestone.RETURNING),
    _rule(r"拒收|拒签", Milestone.REFUSED),
    # not delivered, and why
    _rule(r"(?:超时|逾期|尚|仍)未(?:签收|派送|妥投)", Milestone.EXCEPTION, Reason.OVERDUE),
    _rule(r"(?:超时|逾期|长时间)未取|滞留.{0,6}(?:柜|驿站)", Milestone.AT_PICKUP_POINT, Reason.OVERDUE),
    _rule(r"电话.{0,6}(?:无人接|不通|无法接通|关机|空号|有误|错误)|无法联系|联系不上", Milestone.ATTEMPT_FAILED, Reason.UNCONTACTABLE),
    _rule(r"地址.{0,4}(?:不详|不清|有误|错误|不全)", Milestone.ATTEMPT_FAILED, Reason.ADDRESS),
    _rule(r"(?:收件人|客户|家中|家里).{0,6}(?:不在|无人)", Milestone.ATTEMPT_FAILED, Reason.ABSENT),
    _rule(r"未妥投|(?:派送|派件|投递|配送)(?:不成功|未成功|失败|异常)|改(?:期|日)派送|另约时间", Milestone.ATTEMPT_FAILED, Reason.OTHER),
    # delivered
    _rule(rf"(?:{POINT}).{{0,20}}(?:已签收|签收成功|已取[出走件]|被取[出走件])|已签收.{{0,30}}(?:{POINT}|取[件货]码)", Milestone.DELIVERED, Reason.POINT),
    _rule(r"代签|他人签收|(?:家人|邻居|同事|前台|门卫|物业|保安|收发室|传达室).{0,6}签收|签收人?[::\s].{0,6}(?:家人|邻居|同事|前台|门卫|物业|保安|收发室|传达室)", Milestone.DELIVERED, Reason.AGENT),
    _rule(r"本人.{0,4}签收|签收人?[::\s]{0,3}本人", Milestone.DELIVERED, Reason.SELF),
    _rule(r"(?<!未)(?<!待)(?<!准备)(?<!等待)(?<!即将)签收(?!前|时|后请)|已妥投|投递完成|送货完成", Milestone.DELIVERED),
    # at a point
    _rule(rf"(?:存放|投递|投放|放入|送达|送至|到达|暂存|暂放|保管|代收|代管).{{0,24}}(?:{POINT})|(?:{POINT}).{{0,16}}(?:代收|代管|保管|待取|已入库)|待取件|取件码", Milestone.AT_PICKUP_POINT, Reason.POINT),
    # harm and hindrance
    _rule(r"破损|损坏|受损", Milestone.EXCEPTION, Reason.DAMAGED),
    _rule(r"丢失|遗失", Milestone.EXCEPTION, Reason.LOST),
    _rule(r"超出?(?:派送|服务)?(?:区|范围)", Milestone.EXCEPTION, Reason.OUT_OF_AREA),
    _rule(r"错分|错发|分错|误发", Milestone.EXCEPTION, Reason.MISSORTED),
    _rule(r"拦截", Milestone.EXCEPTION, Reason.INTERCEPTED),
    _rule(r"台风|暴雨|暴雪|大雪|大雾|恶劣天气|天气原因|洪水", Milestone.EXCEPTION, Reason.WEATHER),
    _rule(r"滞留|延误|晚点|延迟", Milestone.EXCEPTION, Reason.DELAYED),
    # customs
    _rule(r"(?:清关|通关|海关).{0,6}(?:异常|失败|扣留|查验|不通过)", Milestone.CUSTOMS_HELD, Reason.CUSTOMS),
    _rule(r"(?:待|等待)清关", Milestone.CUSTOMS_WAITING),
    _rule(r"(?:清关|通关|报关).{0,6}(?:完成|完毕|放行|通过|结束)|已清关|海关(?:已)?放行", Milestone.CUSTOMS_CLEARED),
    _rule(r"清关|通关|报关|交海关", Milestone.CUSTOMS_STARTED),
    # before the journey
    _rule(r"(?:揽收|揽件|取件|收件)(?:失败|不成功)", Milestone.PICKUP_FAILED),
    _rule(r"(?:待|等待|准备|安排)(?:快递员|业务员|司机)?(?:上门)?(?:揽收|揽件|取件)", Milestone.AWAITING_PICKUP),
    _rule(r"(?:订单|运单|快件|下单).{0,6}(?:已|被)?取消|销单|客户取消", Milestone.CANCELLED),
    _rule(r"转寄|改寄|转投|转递|转其他快递|转第三方|改派", Milestone.FORWARDED),
    # near the end
    _rule(r"(?:再次|重新|二次)(?:派送|派件|投递|配送)", Milestone.OUT_FOR_DELIVERY, Reason.REDELIVERY),
    _rule(r"(?:到达|抵达).{0,30}(?:派件|派送|目的|投递)|已到.{0,12}目的|(?:即将|准备)(?:派送|派件|投递)", Milestone.ARRIVED_DEST),
    _rule(r"派件|派送|投递中|正在投递|安排投递|外出投递|配送中|送货中|出仓派", Milestone.OUT_FOR_DELIVERY),
    # on the way
    _rule(r"(?:转运|中转|分拨|集散|分拣|处理)(?:中心|站|场|部)?.{0,12}已收[件入]", Milestone.ARRIVED),
    _rule(r"揽收|揽件|已收件|收寄|已取件|取件成功|已揽|收取快件", Milestone.PICKED_UP),
    _rule(r"装车|装件入车|装船|装机|装柜完成", Milestone.LOADED),
    _rule(r"卸车|卸船|卸机|卸货", Milestone.UNLOADED),
    _rule(r"下一站|已?发出|发往|离开|已?发车|已?启程|已?启航|起飞|已出发|已?离港|出库", Milestone.DEPARTED),
    _rule(r"已收入|到达|抵达|已到|到站|到件|进港|降落|抵港|到港", Milestone.ARRIVED),
    _rule(r"打包|装袋|集包|建包|拆包|分拣|分拨|扫描|称重|入库|操作", Milestone.SORTED),
    _rule(r"运输|在途|运往|送往|途中", Milestone.IN_TRANSIT),
    _rule(r"已?下单|订单.{0,6}(?:创建|生成|提交)|电子面单|运单.{0,4}(?:创建|生成)", Milestone.CREATED),
    _rule(r"疑难|问题件|异常|疑问件", Milestone.EXCEPTION, Reason.OTHER),
)  # fmt: skip

CLAUSE = re.compile(r"[^,,。;;!!]*[,,。;;!!]?")
ADVICE = re.compile(r"\s*(?:如|若|请(?!凭)|预计|预报|投诉|客服|感谢|期待|有问题|有任何|更多|点击|温馨提示|疫情)")
NEXT = re.compile(
    r"(?:下一站|发往|运往|送往|转往|驶往|前往)\s*(?:是|为)?[::\s]*[【\[]?(?P<place>[^】\],,。;;!!\s(()【\[]{2,40})"
)
BRACKET = re.compile(r"[【\[](?P<place>[^】\]]{2,40})[】\]]")
MOVED = re.compile(
    r"^(?:您的)?(?:快件|快递|包裹|货物|邮件)?(?:已经|已|正)?(?:在|由|从|到达|抵达|离开|到)\s*(?:目的地网点|目的地|派件网点)?(?P<place>[^\s,,。;;(()【】]{2,40}?)(?=已|正|准备|发出|发往|发车|启程|启航|出发|前往|进行|装|卸|[\s,,。;;((]|$)"
)
LEADING = re.compile(r"^\s*(?P<place>[^\s,,。;;::(()【】\[\]]{2,40})")
LIKE_A_PLACE = re.compile(
    r".*(?:公司|中心|部|站|网点|分部|转运|市|县|区|省|镇|乡|机场|港|码头|仓|库|点|处|集散|分拨|店|局|所|场|园)$"
)
NO_PLACE = re.compile(r"\d{5,}|\*{3,}|派送|派件|投递|配送|运输|途中|清关|快件|包裹")


def from_text(context: str) -> Meaning:
    """Say what a line of text means, as inferred; unmapped when no rule fits."""
    told = _without_advice(context[:MAX_TEXT_CHARS])
    return next((meaning for pattern, meaning in RULES if pattern.search(told)), UNKNOWN_MEANING)


def read_text(context: str) -> Reading:
    """Read meaning, place and next place off one line of text."""
    context = context[:MAX_TEXT_CHARS]
    told = _without_advice(context)
    ahead = NEXT.search(told)
    next_place = _clean(ahead["place"]) if ahead else ""
    return Reading(from_text(context), _place(told[: ahead.start()] if ahead else told), next_place)


def _without_advice(text: str) -> str:
    """Drop the clauses that advise, thank or forecast."""
    return "".join(clause for clause in CLAUSE.findall(text) if not ADVICE.match(clause))


def _place(text: str) -> str:
    """Take the first bracketed name, else what the verb moves to or from, else a leading word that looks like a place."""
    if found := BRACKET.search(text):
        return _clean(found["place"])
    if found := MOVED.match(text):
        return _clean(found["place"])
    found = LEADING.match(text)
    return _clean(found["place"]) if found and LIKE_A_PLACE.fullmatch(found["place"]) else ""


def _clean(place: str) -> str:
    """Trim a place; what holds a phone number, stars or a doing is no place."""
    return "" if NO_PLACE.search(place) else place.strip(" :、-")

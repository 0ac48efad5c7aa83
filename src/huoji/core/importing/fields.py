"""What a column of a foreign table can mean here: one row a field, with the names that people give such columns."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from huoji.core.milestone import Milestone
from huoji.core.numbers import half_width


class Kind(StrEnum):
    """How the cells of a field are read."""

    TEXT = "text"
    DECIMAL = "decimal"
    COUNT = "count"
    TIME = "time"
    WORD = "word"  # a word of a small vocabulary


class Group(StrEnum):
    """Where a field belongs in the list that people choose from."""

    SHIPMENT = "shipment"
    PARTY = "party"
    REFERENCE = "reference"
    EVENT = "event"
    DATE = "date"  # a dated milestone: each such column makes an event of its own


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A meaning that a column can be given; `names` are header texts that say it."""

    key: str
    zh: str
    en: str
    group: Group
    kind: Kind
    names: tuple[str, ...] = ()
    many: bool = False  # several columns may have this meaning


def _field(key: str, group: Group, kind: Kind, zh: str, en: str, names: str, *, many: bool = False) -> Field:
    told = tuple(name.strip() for name in names.split("|") if name.strip())
    return Field(key=key, zh=zh, en=en, group=group, kind=kind, names=(zh, en, *told), many=many)


S, P, R, V, D = Group.SHIPMENT, Group.PARTY, Group.REFERENCE, Group.EVENT, Group.DATE
TEXT, DECIMAL, COUNT, TIME, WORD = Kind.TEXT, Kind.DECIMAL, Kind.COUNT, Kind.TIME, Kind.WORD

_TABLE = (
    _field("number", S, TEXT, "运单号", "Waybill number", "单号|快递单号|物流单号|运单编号|运单号码|货运单号|托运单号|面单号|跟踪号|追踪号|包裹号|waybill|waybill no|awb|awb no|air waybill|hawb|tracking number|tracking no|tracking id|tracking code|tracking|consignment|consignment no|consignment number|shipment|shipment no|shipment number|shipment id|parcel no|parcel number|asn|dn|asn dn|delivery note|delivery note no|cn no|pro number|number|no"),
    _field("line", S, WORD, "业务线", "Business line", "业务类型|产品类型|line|service line|business"),
    _field("order", S, TEXT, "订单号", "Order number", "订单编号|销售订单号|采购订单号|委托单号|order|order no|order id|po|po no|po number|purchase order|so|so no|sales order|po so|customer order"),
    _field("customer", S, TEXT, "客户", "Customer", "客户编码|客户代码|客户名称|客户号|委托方|货主|customer code|customer id|customer name|client|client name|account|account no"),
    _field("goods", S, TEXT, "货物", "Goods", "品名|货名|货物名称|物品|物品名称|商品|商品名称|货品|内件|内件品名|托寄物|product|product name|product group|commodity|cargo|cargo description|goods description|description of goods|description|item|item description|contents", many=True),
    _field("pieces", S, COUNT, "件数", "Pieces", "箱数|总件数|包裹数|数量（件）|包装件数|packages|package count|no of packages|number of packages|pkgs|pcs|cartons|ctns|colli|parcels|number of pieces|no of pieces"),
    _field("weight_kg", S, DECIMAL, "重量（公斤）", "Weight (kg)", "重量|毛重|实际重量|计费重量|重量kg|毛重kg|重量千克|总重量|总毛重|weight|weight kg|weight kgs|weight kilograms|gross weight|gross weight kg|gw|g w|chargeable weight|total weight|kgs|kg"),
    _field("weight_t", S, DECIMAL, "重量（吨）", "Weight (t)", "毛重吨|吨位|吨数|总重量吨|weight tons|weight tonnes|weight mt|tonnage|gross weight t|tonnes|tons"),
    _field("weight_lb", S, DECIMAL, "重量（磅）", "Weight (lb)", "毛重磅|weight lbs|weight pounds|gross weight lb|gross weight lbs|lbs|lb"),
    _field("volume_m3", S, DECIMAL, "体积（立方米）", "Volume (m³)", "体积|方数|立方|立方数|体积m3|体积cbm|volume|volume cbm|volume m3|cbm|m3|measurement|cubic meters|cubic metres"),
    _field("remark", S, TEXT, "备注", "Remark", "附言|说明|留言|特殊要求|remarks|note|notes|comment|comments|instructions|special instructions", many=True),
    _field("origin", S, TEXT, "始发地", "Origin", "始发|始发站|始发城市|发货地|发货城市|寄件地|寄件城市|起运地|起运港|装货港|起点|出发地|发站|发件城市|from|origin city|origin port|port of loading|pol|place of receipt|ship from|departure city|departure port|source city"),
    _field("destination", S, TEXT, "目的地", "Destination", "目的站|目的城市|到达地|收货地|收货城市|收件地|收件城市|目的港|卸货港|终点|到站|收件地区|目的国|目的国家|to|destination city|destination port|destination country|country|port of discharge|pod port|place of delivery|ship to|delivery city|city"),
    _field("mode", S, WORD, "运输方式", "Transport mode", "运输模式|运输类型|运输工具|mode|shipment mode|shipping mode|mode of transport|transport|transportation mode|ship via|shipping method"),
    _field("placed_at", S, TIME, "下单时间", "Ordered at", "下单日期|订单时间|订单日期|建单时间|开单时间|开单日期|制单日期|委托时间|委托日期|order date|order time|ordered|ordered on|order placed|placed at|created|created at|creation date|created date|po date|po sent date|po sent to vendor date|booking date"),
    _field("promised_at", S, TIME, "承诺送达时间", "Promised delivery", "承诺时间|承诺日期|承诺送达日期|要求到达时间|要求送达时间|要求到货日期|约定送达时间|计划送达时间|计划到货日期|应到时间|预计送达时间|预计送达日期|预计到达日期|promised|promised at|promised date|promise date|due|due date|required date|requested delivery date|scheduled delivery|scheduled delivery date|planned delivery|planned delivery date|expected delivery|expected delivery date|estimated delivery date|deliver by|delivery due"),
    _field("etd", S, TIME, "计划发车/开航时间", "Planned departure", "计划发车时间|计划开航时间|计划发运日期|预计发车时间|预计开船日|预计离港时间|开船日|etd|planned departure date|estimated departure|estimated departure date|scheduled departure|scheduled departure date|scheduled ship date|planned ship date|sailing date"),
    _field("eta", S, TIME, "计划到达时间", "Planned arrival", "计划到站时间|计划抵达时间|预计到达时间|预计到港时间|预计抵港时间|到港日|eta|planned arrival date|estimated arrival|estimated arrival date|scheduled arrival|scheduled arrival date"),
    _field("shipper.name", P, TEXT, "发货人", "Shipper", "发件人|寄件人|发货方|托运人|发货人姓名|寄件人姓名|发件人姓名|发货单位|发货公司|供应商|shipper name|sender|sender name|consignor|consignor name|vendor|vendor name|supplier|supplier name|from name"),
    _field("shipper.phone", P, TEXT, "发货人电话", "Shipper phone", "发件人电话|寄件人电话|发货电话|寄件电话|发件电话|发货人手机|寄件人手机|发件人手机|发货人联系电话|寄件人联系方式|sender phone|sender tel|sender mobile|shipper tel|shipper mobile|consignor phone"),
    _field("shipper.address", P, TEXT, "发货人地址", "Shipper address", "发件人地址|寄件人地址|发货地址|寄件地址|发件地址|发货详细地址|sender address|consignor address|from address|pickup address"),
    _field("consignee.name", P, TEXT, "收货人", "Consignee", "收件人|收货方|收货人姓名|收件人姓名|收货单位|收货公司|consignee name|receiver|receiver name|recipient|recipient name|to name|deliver to|ship to name"),
    _field("consignee.phone", P, TEXT, "收货人电话", "Consignee phone", "收件人电话|收货电话|收件电话|收货人手机|收件人手机|收货人联系电话|收件人联系方式|手机|手机号|电话|联系电话|receiver phone|receiver tel|receiver mobile|recipient phone|consignee tel|consignee mobile|phone|phone number|mobile|tel|telephone|contact number"),
    _field("consignee.address", P, TEXT, "收货人地址", "Consignee address", "收件人地址|收货地址|收件地址|收货详细地址|详细地址|派送地址|地址|receiver address|recipient address|delivery address|to address|address|ship to address"),
    _field("ref.booking", R, TEXT, "订舱号", "Booking number", "订舱编号|预订号|booking|booking no|booking ref|booking reference|bkg|bkg no"),
    _field("ref.bill", R, TEXT, "提单号", "Bill of lading", "主提单号|分提单号|提单|海运提单号|bill of lading no|bill of lading number|bl|b l|bl no|b l no|b l number|mbl|hbl|mbl no|hbl no|master bl|house bl"),
    _field("ref.container", R, TEXT, "箱号", "Container number", "集装箱号|柜号|货柜号|container|container no|containers|cntr no|equipment|equipment no", many=True),
    _field("ref.customer", R, TEXT, "客户单号", "Customer reference", "客户参考号|客户订单号|参考号|外部单号|customer ref|reference|reference no|reference number|ref|ref no|external id|your reference", many=True),
    _field("ref.carrier", R, TEXT, "承运商单号", "Carrier's number", "承运商运单号|转单号|子单号|外发单号|carrier number|carrier no|carrier reference|carrier tracking|last mile tracking"),
    _field("event.at", V, TIME, "轨迹时间", "Event time", "时间|操作时间|扫描时间|状态时间|更新时间|事件时间|发生时间|轨迹日期|event date|event datetime|status time|status date|scan time|scan date|timestamp|occurred at|date time|datetime|date|time|update time|updated at|activity date"),
    _field("event.status", V, WORD, "轨迹状态", "Event status", "状态|物流状态|运单状态|操作类型|扫描类型|事件|事件类型|节点|当前状态|event|event type|event code|status|status code|shipment status|delivery status|scan type|milestone|activity|state"),
    _field("event.place", V, TEXT, "轨迹地点", "Event place", "地点|所在地|操作网点|操作站点|扫描网点|网点|当前位置|当前站点|place|location|event location|event place|scan location|site|station|facility|hub|depot|current location"),
    _field("event.next_place", V, TEXT, "下一站", "Next place", "下一站点|下一网点|发往|next|next stop|next location|next station|next hub"),
    _field("event.reason", V, WORD, "原因", "Reason", "异常原因|原因代码|失败原因|异常类型|reason code|exception reason|exception code|failure reason"),
    _field("event.text", V, TEXT, "轨迹描述", "Event text", "轨迹|物流轨迹|描述|轨迹内容|操作描述|跟踪记录|物流信息|event description|status description|tracking message|message|details|context"),
    _field("event.id", V, TEXT, "轨迹编号", "Event id", "事件编号|事件ID|流水号|event no|event number|scan id|record id"),
)  # fmt: skip

_DATES = (
    (Milestone.PICKED_UP, "揽收时间", "Picked up at", "揽收日期|揽件时间|取件时间|取件日期|提货时间|提货日期|收件时间|收寄时间|起运时间|pickup date|pick up date|pickup time|picked up|picked up date|picked up on|collection date|collected|collected at|actual pickup|actual pickup date"),
    (Milestone.GATE_IN, "进港时间", "Gate in at", "进港日期|进场时间|集港时间|gate in|gate in date|gate in time"),
    (Milestone.LOADED, "装车/装船时间", "Loaded at", "装车时间|装船时间|装车日期|装船日期|装货时间|loaded|loaded on|loading date|load date|loaded on board|on board date|shipped on board date"),
    (Milestone.DEPARTED, "发车/离港时间", "Departed at", "发车时间|发车日期|发运时间|发运日期|发货时间|发货日期|出发时间|离港时间|离港日期|开航时间|实际开船日|起飞时间|出库时间|departed|departure|departure date|departure time|actual departure|actual departure date|atd|ship date|shipped|shipped date|shipped on|shipping date|shipment date|dispatch date|dispatched|dispatched at|despatch date"),
    (Milestone.ARRIVED, "到达时间", "Arrived at", "到达日期|到站时间|到站日期|到港时间|抵港时间|抵达时间|到货时间|到货日期|实际到达时间|arrived|arrival|arrival date|arrival time|actual arrival|actual arrival date|ata"),
    (Milestone.UNLOADED, "卸车/卸船时间", "Unloaded at", "卸车时间|卸船时间|卸货时间|卸货日期|unloaded|unloading date|discharged|discharge date"),
    (Milestone.CUSTOMS_CLEARED, "清关放行时间", "Customs cleared at", "放行时间|放行日期|清关时间|清关日期|清关完成时间|customs cleared|customs release|customs release date|customs clearance date|cleared|clearance date"),
    (Milestone.GATE_OUT, "提箱/出港时间", "Gate out at", "出场时间|提柜时间|提箱时间|gate out|gate out date|gate out time"),
    (Milestone.OUT_FOR_DELIVERY, "派送时间", "Out for delivery at", "派件时间|派送日期|派件日期|送货时间|出仓时间|out for delivery|out for delivery date"),
    (Milestone.DELIVERED, "签收时间", "Delivered at", "签收日期|妥投时间|送达时间|送达日期|实际送达时间|实际送达日期|交付时间|交付日期|完成时间|delivered|delivered date|delivered on|delivery date|delivery time|actual delivery|actual delivery date|date delivered|delivered to client|delivered to client date|delivered to customer date|pod date|pod time|proof of delivery date|received date"),
    (Milestone.RETURNED, "退回时间", "Returned at", "退回日期|退件时间|退货时间|returned|return date|returned date"),
    (Milestone.CANCELLED, "取消时间", "Cancelled at", "取消日期|作废时间|cancelled|canceled|cancellation date|cancelled date"),
)  # fmt: skip

FIELDS: Mapping[str, Field] = MappingProxyType(
    {field.key: field for field in _TABLE}
    | {
        f"at.{milestone}": _field(f"at.{milestone}", D, TIME, zh, en, f"{names}|{milestone}_at")
        for milestone, zh, en, names in _DATES
    }
)
DATED: Mapping[str, Milestone] = MappingProxyType({f"at.{milestone}": milestone for milestone, *_ in _DATES})

GROUPS: Mapping[Group, tuple[str, str]] = MappingProxyType(
    {
        Group.SHIPMENT: ("运单", "Shipment"),
        Group.PARTY: ("收发货人", "Parties"),
        Group.REFERENCE: ("其他单号", "Other numbers"),
        Group.DATE: ("节点时间（每列一条轨迹）", "Dated steps (each column is an event)"),
        Group.EVENT: ("轨迹（每行一条）", "Events (one a row)"),
    }
)

_BESIDE_CHINESE = re.compile(r" (?=[\u3400-\u9fff])|(?<=[\u3400-\u9fff]) ")
_SIGNS = re.compile(r"[^0-9a-z\u3400-\u9fff#]+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


def plain(header: str) -> str:
    """Return a header as it is compared: half-width, lower case, words parted by one space but in Chinese, signs gone."""
    told = _SIGNS.sub(" ", _CAMEL.sub(" ", half_width(header)).lower().replace("#", " ")).strip()
    return _BESIDE_CHINESE.sub("", told)


def _names() -> dict[str, str]:
    """Return the field of each plain name; the first field that claims a name keeps it."""
    found: dict[str, str] = {}
    for field in FIELDS.values():
        for name in (*field.names, field.key.rpartition(".")[2] if field.group is Group.SHIPMENT else field.key):
            found.setdefault(plain(name), field.key)
    return found


NAMES: Mapping[str, str] = MappingProxyType(_names())

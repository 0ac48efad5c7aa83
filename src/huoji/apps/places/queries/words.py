"""The words for kinds of sites and the faults of their data."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from huoji.core.place import SiteKind

KINDS: Mapping[SiteKind, Promise] = {
    SiteKind.OUTLET: _("网点"),
    SiteKind.HUB: _("分拨中心"),
    SiteKind.PORT: _("港口"),
    SiteKind.WAREHOUSE: _("仓库"),
    SiteKind.AIRPORT: _("机场"),
    SiteKind.PICKUP_POINT: _("驿站"),
}

FAULTS: Mapping[str, Promise] = {
    "code": _("编码由大写字母、数字、- 和 _ 组成，最多 20 个"),
    "name": _("请填写名称"),
    "locode": _("UN/LOCODE 是 5 位：两个字母的国家代码和三位地点代码"),
    "area": _("行政区划代码是 6 位数字 (GB/T 2260)"),
    "lat": _("纬度在 -90 到 90 之间"),
    "lon": _("经度在 -180 到 180 之间"),
    "position": _("纬度和经度要么都填，要么都不填"),
    "time_zone": _("没有这个时区；例如 Asia/Shanghai"),
}

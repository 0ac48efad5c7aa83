"""Why the warehouse may refuse, and where its people may work."""

from django.utils.translation import gettext_lazy as _

from huoji.apps.warehouse.queries.scope import may_work_at
from huoji.core.permission import Actor
from huoji.kit.problem import CATALOGUE, Problem, declare

for _code, _status, _title in (
    ("unknown_site", 404, _("没有这个站点，或您不在该站点工作")),
    ("invalid_location", 422, _("库位编码有误")),
    ("location_in_use", 409, _("该库位上还有货")),
    ("missing_number", 422, _("请扫描货物单号")),
    ("settled_already", 409, _("已经有人处理过了")),
    ("finding_missing", 422, _("请填写调查结果")),
):
    declare(_code, status=_status, title=_title)


def refuse(code: str, detail: str = "") -> Problem:
    """Return the problem of that code, to be raised."""
    kind = CATALOGUE[code]
    return Problem(code, kind.status, detail or kind.title)


def at_own_site(actor: Actor, site_id: int) -> None:
    """Refuse who does not work at the site; for him it does not exist."""
    if not may_work_at(actor, site_id):
        raise refuse("unknown_site")

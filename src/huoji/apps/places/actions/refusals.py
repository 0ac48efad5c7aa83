"""Why places may refuse, and how every process learns of a change."""

from uuid import uuid4

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from huoji.apps.places.models import PlacesVersion
from huoji.apps.places.queries.atlas import forget
from huoji.core.place import SiteDraft, SiteRefusedError, check_site
from huoji.kit.problem import CATALOGUE, Problem, declare

for _code, _status, _title in (
    ("invalid_site", 422, _("站点资料有误")),
    ("site_taken", 409, _("该站点编码已存在")),
    ("alias_taken", 409, _("该名称已指向其他站点")),
    ("invalid_alias", 422, _("别名中没有可用的文字")),
    ("invalid_lane", 422, _("线路资料有误")),
    ("unknown_staff", 404, _("没有这个工号")),
):
    declare(_code, status=_status, title=_title)


def refuse(code: str, **extra: str) -> Problem:
    """Return the problem of that code, to be raised."""
    kind = CATALOGUE[code]
    return Problem(code, kind.status, kind.title, **extra)


def checked(draft: SiteDraft) -> SiteDraft:
    """Return the draft, or raise the problem that names its faulty field."""
    try:
        return check_site(draft)
    except SiteRefusedError as error:
        raise refuse("invalid_site", field=error.field) from error


def renew_token() -> None:
    """Tell every process that places have changed; call it inside the action's transaction."""
    PlacesVersion.objects.update_or_create(id=1, defaults={"token": uuid4()})
    forget()
    transaction.on_commit(forget)

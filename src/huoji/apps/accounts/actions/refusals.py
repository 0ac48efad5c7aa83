"""Why accounts may refuse: permissions and the stable codes of its own problems."""

from collections.abc import Collection
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from huoji.core.permission import Actor, Permission
from huoji.core.role import RoleRefusedError
from huoji.kit.problem import CATALOGUE, Problem, declare

for _code, _status, _title in (
    ("invalid_key", 401, _("API 密钥无效、已停用或已过期")),
    ("password_change_needed", 403, _("请先登录工作台修改初始密码")),
    ("number_taken", 409, _("该工号已存在")),
    ("code_taken", 409, _("该编码已存在")),
    ("department_cycle", 422, _("部门不能成为自己的上级")),
    ("role_cycle", 422, _("角色不能成为自己的上级")),
    ("role_reply", 422, _("只有客服角色可以答复客户，下级为客服角色的也不行")),
    ("role_it", 422, _("信息管理员不得查看、检索或导出客户个人信息")),
    ("staff_scope", 422, _("该权限只能授予员工的密钥")),
    ("role_scope", 422, _("该员工的角色用不上所选的权限")),
    ("not_yourself", 422, _("不能对自己做此操作")),
):
    declare(_code, status=_status, title=_title)


def require(actor: Actor, permission: Permission) -> None:
    """Refuse the actor who lacks the permission."""
    if not actor.may(permission):
        raise PermissionDenied(permission.value)


def refuse(code: str, **extra: Any) -> Problem:
    """Return the problem of that code, to be raised."""
    kind = CATALOGUE[code]
    return Problem(code, kind.status, kind.title, **extra)


def refuse_role(error: RoleRefusedError) -> Problem:
    """Return the problem for a broken rule of roles."""
    kind = CATALOGUE[error.code]
    return Problem(error.code, kind.status, kind.title, role=error.role)


def clean(row: Model, *, exclude: Collection[str] = ()) -> None:
    """Refuse a row whose fields are not what its model allows, before the database would."""
    try:
        row.full_clean(exclude=exclude)
    except ValidationError as error:
        raise Problem("invalid_request", 422, "; ".join(error.messages)) from error

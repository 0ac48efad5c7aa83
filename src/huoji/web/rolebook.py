"""The reference page of the default roles, written from the rules themselves in both languages."""

from collections.abc import Mapping, Sequence

from django.utils import translation
from django.utils.translation import gettext

from huoji.apps.accounts.queries import words
from huoji.core.permission import PENDING
from huoji.core.role import DEFAULT_ROLES, Grant, grants

HEADS = {
    "en": """# Default roles

<!-- Made by `make docs` from src/huoji/core/role.py; edit that. -->

● own permission, ○ inherited from a subordinate role. Roles, their superiors and who holds them are edited in the workspace under Administration › Roles; a role that
nobody has edited follows these defaults after an upgrade. Whatever is edited: every role may attend to customers and see waybills, only customer service roles (`cs_…`)
reply to customers, and who holds the role of the IT admin cannot unmask, look up or export personal data, whatever other roles he holds.

""",
    "zh-hans": """# 默认角色

<!-- 由 `make docs` 从 src/huoji/core/role.py 生成，请改源文件。 -->

● 自身权限，○ 从下级角色继承。角色、上下级和授予在工作台“系统管理 › 角色”中修改；没有改过的角色在升级后跟随这里的默认值。
无论怎样修改：每个角色都可以受理客户、查看运单；只有客服角色（`cs_…`）可以答复客户；持有信息管理员角色的人，无论还有什么角色，都不能查看完整个人信息、按人查找或导出。

""",
}


def documents() -> dict[str, str]:
    """Return the page in each language."""
    return {language: document(language) for language in HEADS}


def document(language: str) -> str:
    """Return the page: one table a family of roles, so that it fits a screen."""
    with translation.override(language):
        return HEADS[language] + "\n".join(table(family) for family in families())


def families() -> Sequence[Sequence[str]]:
    """Return the codes of the roles in groups that are read together."""
    codes = [role.code for role in DEFAULT_ROLES]
    return [codes[:4], codes[4:8], codes[8:]]


def table(codes: Sequence[str]) -> str:
    given = grants(DEFAULT_ROLES)
    own = {role.code: role.permissions for role in DEFAULT_ROLES}
    above = {role.code: role.superior for role in DEFAULT_ROLES}
    lines = [
        row("", [str(words.ROLES[code]) for code in codes]),
        row("---", ["---"] * len(codes)),
        row("", [f"`{code}`" for code in codes]),
        row(gettext("上级角色"), [f"`{above[code]}`" if above[code] else "" for code in codes]),
        row(gettext("可见范围"), [str(words.SCOPES[given[code].scope]) for code in codes]),
    ]
    for permission, name in words.PERMISSIONS.items():
        if permission not in PENDING:
            lines.append(
                row(f"{name} `{permission.value}`", [mark(code, permission, own=own, given=given) for code in codes])
            )
    return "\n".join(lines) + "\n"


def mark(code: str, permission: str, *, own: Mapping[str, frozenset[str]], given: Mapping[str, Grant]) -> str:
    if permission in own[code]:
        return "●"
    return "○" if permission in given[code].permissions else ""


def row(head: str, cells: Sequence[str]) -> str:
    return f"| {head} | {' | '.join(cells)} |"

"""The forms of staff, departments, roles, keys and the audit."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from huoji.apps.accounts import queries
from huoji.core.permission import KeyScope, Permission, Scope

NUMBER_LENGTH_MAX = 20
NAME_LENGTH_MAX = 80
CAUSE_LENGTH_MAX = 200


def optional_id(value: str) -> int | None:
    """Return the id that a select box gave, or None for its empty line."""
    return int(value) if value else None


class CauseForm(forms.Form):
    """A reason that goes into the audit."""

    cause = forms.CharField(label=_("原因"), max_length=CAUSE_LENGTH_MAX)


class DepartmentField(forms.TypedChoiceField):
    """A department or none."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=departments, coerce=optional_id, empty_value=None, required=False, **kwargs)


def departments() -> list[tuple[str, Any]]:
    return [("", _("(无)")), *queries.department_choices()]


def roles_or_none() -> list[tuple[str, Any]]:
    return [("", _("(无)")), *queries.role_choices()]


class StaffForm(forms.Form):
    """What is known of a member of staff."""

    name = forms.CharField(label=_("姓名"), max_length=NAME_LENGTH_MAX)
    department_id = DepartmentField(label=_("部门"))
    phone = forms.CharField(label=_("工作电话"), max_length=32, required=False)


class NewStaffForm(StaffForm):
    """A new member of staff."""

    field_order = ("staff_number", "name", "department_id", "role", "phone")
    staff_number = forms.RegexField(
        label=_("工号"),
        regex=r"^[A-Za-z0-9_-]+$",
        max_length=NUMBER_LENGTH_MAX,
        help_text=_("字母、数字、- 和 _，创建后不能更改。"),
    )
    role = forms.ChoiceField(label=_("角色"), choices=queries.role_choices)


class AssignForm(forms.Form):
    """One more role, in the whole company or in one department."""

    role = forms.ChoiceField(label=_("角色"), choices=queries.role_choices)
    department_id = DepartmentField(label=_("限于部门"))


class StaffFilterForm(forms.Form):
    """Which staff to list."""

    text = forms.CharField(label=_("工号或姓名"), max_length=NAME_LENGTH_MAX, required=False)
    department_id = DepartmentField(label=_("部门"))
    left = forms.BooleanField(label=_("已离职"), required=False)


class DepartmentForm(forms.Form):
    """A department's name and place in the tree."""

    name = forms.CharField(label=_("名称"), max_length=NAME_LENGTH_MAX)
    parent_id = DepartmentField(label=_("上级部门"))


class NewDepartmentForm(DepartmentForm):
    """A new department."""

    field_order = ("code", "name", "parent_id")
    code = forms.SlugField(label=_("编码"), max_length=40)


class RoleForm(forms.Form):
    """What a role may do."""

    superior = forms.TypedChoiceField(
        label=_("上级角色"),
        choices=roles_or_none,
        coerce=str,
        empty_value=None,
        required=False,
        help_text=_("上级自动拥有下级的全部权限。"),
    )
    scope = forms.TypedChoiceField(label=_("可见范围"), choices=queries.scope_choices, coerce=Scope)
    permissions = forms.TypedMultipleChoiceField(
        label=_("自身权限"),
        choices=queries.matrix_permissions,
        coerce=Permission,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    cause = forms.CharField(label=_("修改原因"), max_length=CAUSE_LENGTH_MAX)


class NewRoleForm(forms.Form):
    """A role of the company's own; what it may do is set on its page."""

    code = forms.SlugField(label=_("编码"), max_length=40)
    name = forms.CharField(label=_("名称"), max_length=NAME_LENGTH_MAX)


class KeyForm(forms.Form):
    """A new API key of a principal: it offers what a key of his has a use for."""

    name = forms.CharField(label=_("用途"), max_length=NAME_LENGTH_MAX, help_text=_("写明哪个系统在用，便于日后停用。"))
    scopes = forms.TypedMultipleChoiceField(label=_("权限"), coerce=KeyScope, widget=forms.CheckboxSelectMultiple)
    source = forms.SlugField(
        label=_("来源代码"), max_length=40, required=False, help_text=_("上报轨迹时记作来源，例如 acme-tms。")
    )
    expires_on = forms.DateField(label=_("到期日"), required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, principal: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        scopes = self.fields["scopes"]
        assert isinstance(scopes, forms.TypedMultipleChoiceField)
        scopes.choices = queries.key_scope_choices(queries.scopes_for(principal))


class AuditFilterForm(forms.Form):
    """What to look for in the audit."""

    actor = forms.CharField(
        label=_("操作者"), max_length=64, required=False, widget=forms.TextInput(attrs={"placeholder": "staff:8012"})
    )
    verb = forms.CharField(
        label=_("操作"), max_length=64, required=False, widget=forms.TextInput(attrs={"placeholder": "party."})
    )
    target = forms.CharField(
        label=_("对象"), max_length=128, required=False, widget=forms.TextInput(attrs={"placeholder": "customer:7"})
    )
    since = forms.DateField(label=_("从"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=_("到"), required=False, widget=forms.DateInput(attrs={"type": "date"}))

"""The forms of customers."""

from django import forms
from django.utils.translation import gettext_lazy as _

from huoji.core.customer import AliasKind, CustomerKind
from huoji.core.milestone import Line

NAME_LENGTH_MAX = 120

KINDS = [
    (CustomerKind.COMPANY, _("企业客户")),
    (CustomerKind.PERSON, _("个人客户")),
    (CustomerKind.PARTNER, _("合作伙伴")),
]
LINES = [(Line.ROAD, _("汽运")), (Line.EXPRESS, _("快递快运")), (Line.OCEAN, _("海运"))]
ALIAS_KINDS = [(AliasKind.NAME, _("别名")), (AliasKind.REFERENCE, _("自有单号前缀"))]


class SearchForm(forms.Form):
    """Find customers by what is not personal."""

    text = forms.CharField(label=_("编码、名称、别名或月结账号"), max_length=NAME_LENGTH_MAX, required=False)


class LookUpForm(forms.Form):
    """Find customers by a person; sent as a POST so that no log and no history holds the name."""

    person = forms.CharField(
        label=_("联系人电话或姓名"), max_length=40, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )


class CustomerForm(forms.Form):
    """What is known of a customer."""

    name = forms.CharField(label=_("名称"), max_length=NAME_LENGTH_MAX)
    account_number = forms.CharField(label=_("月结账号"), max_length=40, required=False)
    lines = forms.TypedMultipleChoiceField(
        label=_("业务"), choices=LINES, coerce=Line, required=False, widget=forms.CheckboxSelectMultiple
    )


class EditForm(CustomerForm):
    """What can change of a customer."""

    is_active = forms.BooleanField(label=_("往来中"), required=False)

    def __init__(self, *args: object, is_person: bool, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # handed through
        if is_person:
            self.fields["name"].required = False
            self.fields["name"].help_text = _("个人姓名不显示；留空则不变。")


class NewCustomerForm(CustomerForm):
    """A new customer."""

    field_order = ("code", "kind", "name", "account_number", "lines")
    code = forms.RegexField(
        label=_("客户编码"),
        regex=r"^[A-Za-z0-9_-]+$",
        max_length=40,
        help_text=_("字母、数字、- 和 _，创建后不能更改。"),
    )
    kind = forms.TypedChoiceField(label=_("类型"), choices=KINDS, coerce=CustomerKind)


class ContactForm(forms.Form):
    """A person at a customer."""

    name = forms.CharField(label=_("姓名"), max_length=NAME_LENGTH_MAX)
    phone = forms.CharField(label=_("电话"), max_length=40, required=False)
    email = forms.EmailField(label=_("邮箱"), required=False)
    address = forms.CharField(label=_("地址"), max_length=300, required=False)


class AliasForm(forms.Form):
    """Another name or a prefix."""

    kind = forms.TypedChoiceField(label=_("类型"), choices=ALIAS_KINDS, coerce=AliasKind)
    text = forms.CharField(label=_("内容"), max_length=NAME_LENGTH_MAX)


class ReasonForm(forms.Form):
    """Why somebody must be seen in full."""

    cause = forms.CharField(label=_("查看原因"), max_length=200)

"""The forms of sites, aliases, staff of a site and lanes."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from huoji.apps.places import queries
from huoji.apps.places.queries.words import FAULTS, KINDS
from huoji.core.milestone import Mode
from huoji.core.place import ALIAS_LENGTH_MAX, CODE_LENGTH_MAX, NAME_LENGTH_MAX, PHONE_LENGTH_MAX, SiteDraft, SiteKind

SEARCH_LENGTH_MAX = 80
STAFF_NUMBER_LENGTH_MAX = 20
LANE_MINUTES_MAX = 100 * 24 * 60
LANE_KM_MAX = 40_000
ANY = ("", _("全部"))
MODES = {
    Mode.ROAD: _("公路"),
    Mode.SEA: _("海运"),
    Mode.AIR: _("航空"),
    Mode.RAIL: _("铁路"),
    Mode.INLAND_WATER: _("内河"),
}


class SiteFilterForm(forms.Form):
    """Which sites to list."""

    text = forms.CharField(label=_("编码、名称、别名或代码"), max_length=SEARCH_LENGTH_MAX, required=False)
    kind = forms.TypedChoiceField(
        label=_("类型"), choices=lambda: [ANY, *KINDS.items()], coerce=SiteKind, empty_value=None, required=False
    )
    closed = forms.BooleanField(label=_("只看已关闭"), required=False)


class SiteForm(forms.Form):
    """What is known of a site; its code is chosen once."""

    code = forms.CharField(
        label=_("编码"), max_length=CODE_LENGTH_MAX, help_text=_("大写字母、数字、- 和 _，创建后不能更改。")
    )
    name = forms.CharField(label=_("中文名称"), max_length=NAME_LENGTH_MAX)
    name_en = forms.CharField(label=_("英文名称"), max_length=NAME_LENGTH_MAX, required=False)
    kind = forms.TypedChoiceField(label=_("类型"), choices=lambda: list(KINDS.items()), coerce=SiteKind)
    locode = forms.CharField(label="UN/LOCODE", max_length=5, required=False)
    area = forms.CharField(
        label=_("行政区划代码"), max_length=6, required=False, help_text=_("GB/T 2260，6 位，例如 420100")
    )
    lat = forms.FloatField(label=_("纬度"), required=False, help_text=_("WGS-84，度；例如 30.59"))
    lon = forms.FloatField(label=_("经度"), required=False, help_text=_("WGS-84，度；例如 114.30"))
    time_zone = forms.CharField(label=_("时区"), max_length=40, initial="Asia/Shanghai")
    phone = forms.CharField(label=_("电话"), max_length=PHONE_LENGTH_MAX, required=False)
    active = forms.BooleanField(label=_("在用"), required=False, initial=True)

    def draft(self) -> SiteDraft:
        """Return what the valid form says."""
        given: dict[str, Any] = dict(self.cleaned_data)
        given["code"] = given["code"].upper()
        given["locode"] = given["locode"].upper()
        return SiteDraft(**given)

    def refuse(self, field: str) -> None:
        """Say the fault that the rules of places found, at its field."""
        where = field if field in self.fields else None
        self.add_error(where, forms.ValidationError(str(FAULTS.get(field, _("站点资料有误")))))


class AliasForm(forms.Form):
    """A text that means this site."""

    text = forms.CharField(label=_("别名"), max_length=ALIAS_LENGTH_MAX)


class AdoptForm(forms.Form):
    """A text that events name, and the site that it means."""

    text = forms.CharField(max_length=ALIAS_LENGTH_MAX, widget=forms.HiddenInput)
    site = forms.CharField(label=_("站点编码或名称"), max_length=ALIAS_LENGTH_MAX)

    def clean_site(self) -> int:
        site_id = queries.resolve(self.cleaned_data["site"])
        if site_id is None:
            raise forms.ValidationError(_("没有这个站点"))
        return site_id


class StaffForm(forms.Form):
    """Who works here."""

    staff_number = forms.CharField(label=_("工号"), max_length=STAFF_NUMBER_LENGTH_MAX)


class LaneForm(forms.Form):
    """A way from this site to another."""

    destination = forms.CharField(label=_("到达站点编码或名称"), max_length=ALIAS_LENGTH_MAX)
    mode = forms.TypedChoiceField(label=_("运输方式"), choices=lambda: list(MODES.items()), coerce=Mode)
    planned_min = forms.IntegerField(label=_("计划时长(分钟)"), min_value=1, max_value=LANE_MINUTES_MAX)
    distance_km = forms.IntegerField(label=_("里程(公里)"), min_value=1, max_value=LANE_KM_MAX, required=False)

    def clean_destination(self) -> int:
        site_id = queries.resolve(self.cleaned_data["destination"])
        if site_id is None:
            raise forms.ValidationError(_("没有这个站点"))
        return site_id

"""The settings page of the brand, and the logo that every page shows."""

from dataclasses import asdict

from django import forms
from django.contrib import messages
from django.core.validators import RegexValidator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from huoji.core.permission import Permission
from huoji.kit import blob, http
from huoji.kit.http import Request, needs
from huoji.kit.problem import Problem
from huoji.web import brand
from huoji.web.brand import Brand, Phone
from huoji.web.colour import HEX

LOGO_BYTES_MAX = 512 * 1024
TELEPHONE = RegexValidator(r"^[0-9+()（） \-转]{3,30}$", _("电话只能有数字、空格、横线、括号和加号。"))
COLOUR = RegexValidator(rf"^{HEX.pattern}$", _("颜色要写成 #0b5cab 这样。"))
BLANK_ROWS = 2


class BrandForm(forms.Form):
    """What customers see on every page."""

    name = forms.CharField(label=_("公司名称"), max_length=40, required=False, help_text=_("显示在每一页的左上角。"))
    hotline = forms.CharField(
        label=_("客服热线"),
        max_length=30,
        required=False,
        validators=[TELEPHONE],
        help_text=_("显示在每个客户页面的页脚和“联系我们”。"),
    )
    hours = forms.CharField(label=_("服务时间"), max_length=60, required=False, help_text=_("例如：每天 8:00–20:00"))
    email = forms.EmailField(label=_("客服邮箱"), required=False)
    accent = forms.CharField(
        label=_("主色"),
        widget=forms.TextInput(attrs={"type": "color"}),
        validators=[COLOUR],
        help_text=_("按钮文字和链接的深浅会自动调整，保证看得清。"),
    )
    logo = forms.FileField(
        label=_("标志图片"), required=False, help_text=_("PNG、JPEG 或 WebP，不超过 512 KB；高 32 像素显示。")
    )
    no_logo = forms.BooleanField(label=_("不显示标志图片"), required=False)
    map_shown = forms.BooleanField(
        label=_("在客户页面显示地理地图"),
        required=False,
        help_text=_(
            "默认只显示示意路线。公开地图由运营者负责：请先确认所用地图已经审核。底图只有陆地轮廓，不画任何边界。"
        ),
    )
    map_review = forms.CharField(label=_("审图号"), max_length=40, required=False, help_text=_("填写后显示在地图上。"))

    def clean_logo(self) -> object:
        logo = self.cleaned_data["logo"]
        if logo and logo.size > LOGO_BYTES_MAX:
            raise forms.ValidationError(_("图片超过 512 KB，请换一张小一些的。"))
        return logo


class PhoneForm(forms.Form):
    """One line of the published telephone directory."""

    department = forms.CharField(label=_("部门"), max_length=40)
    number = forms.CharField(label=_("电话"), max_length=30, validators=[TELEPHONE])
    filed_114 = forms.BooleanField(label=_("已在 114 备案"), required=False)
    filed_on = forms.DateField(label=_("备案日期"), required=False, widget=forms.DateInput(attrs={"type": "date"}))


PhoneFormSet = forms.formset_factory(PhoneForm, extra=BLANK_ROWS, can_delete=True, max_num=brand.PHONES_MAX)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.SETTINGS_MANAGE)
def edit(request: Request) -> HttpResponse:
    """Show and keep the brand."""
    now = brand.current()
    if request.method != "POST":
        form = BrandForm(initial=asdict(now))
        phones = PhoneFormSet(initial=[asdict(phone) for phone in now.phones], prefix="phones")
        return render(request, "web/brand.html", {"form": form, "phones": phones})
    form = BrandForm(request.POST, request.FILES)
    phones = PhoneFormSet(request.POST, prefix="phones")
    if form.is_valid() and phones.is_valid() and _save(request, now, form, phones):
        messages.success(request, _("已保存，客户页面几秒内更新。"))
        return redirect("brand-settings")
    return render(request, "web/brand.html", {"form": form, "phones": phones}, status=422)


def _save(request: Request, now: Brand, form: BrandForm, phones: "forms.BaseFormSet[PhoneForm]") -> bool:
    data = form.cleaned_data
    logo = data["logo"]
    kept = Brand(
        name=data["name"], hotline=data["hotline"], hours=data["hours"], email=data["email"], accent=data["accent"].lower(),
        logo="" if data["no_logo"] else now.logo, map_shown=data["map_shown"], map_review=data["map_review"],
    )  # fmt: skip
    listed = [
        Phone(
            department=row["department"], number=row["number"], filed_114=row["filed_114"],
            filed_on=row["filed_on"].isoformat() if row["filed_on"] else "",
        )
        for row in phones.cleaned_data
        if row and not row.get("DELETE")
    ]  # fmt: skip
    try:
        brand.change(
            request.actor, brand.with_phones(kept, listed), logo=(logo.read(), logo.content_type) if logo else None
        )
    except Problem as refused:
        form.add_error("logo", refused.title)
        return False
    return True


@require_safe
def logo(request: HttpRequest, sha: str) -> FileResponse:
    """Send the logo of now to anyone; an older one is nobody's business."""
    return blob.serve(http.of(request), sha, allowed=lambda _request: sha == brand.current().logo, filename="logo")

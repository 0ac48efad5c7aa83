"""Sign-in as the house wants it: by staff number, no sign-up, every step in the audit, second factors kept encrypted."""

import logging
import secrets
from base64 import b32encode, urlsafe_b64encode
from typing import Any, Final

from allauth.account import views as account
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import ChangePasswordForm, LoginForm, ReauthenticateForm
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.base import forms as mfa
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from allauth.usersessions import views as usersessions
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _
from django.views.generic import RedirectView

from huoji.apps.accounts import actions
from huoji.core.permission import Actor
from huoji.kit import http, problem
from huoji.kit.problem import Problem

logger = logging.getLogger("huoji.signin")

KEY_SALT: Final = "huoji.second-factor"
VERBS: Final = {
    "account/email/password_changed": "password.change",
    "mfa/email/totp_activated": "totp.activate",
    "mfa/email/totp_deactivated": "totp.deactivate",
    "mfa/email/recovery_codes_generated": "recovery_codes.generate",
    "mfa/email/webauthn_added": "passkey.add",
    "mfa/email/webauthn_removed": "passkey.remove",
}
"""What allauth would send a mail about becomes a row of the audit; mail is not ours to send yet."""


def owner_of(request: HttpRequest, user: Any) -> Actor:
    """Return who acts on his own account, also before the middleware could know him."""
    return Actor(
        principal=f"staff:{user.staff_number}",
        staff_id=user.pk,
        name=user.name,
        request_id=getattr(request, "request_id", ""),
        dataset=user.dataset,
    )


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth is untyped
    """Where allauth asks what this installation wants."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": _("工号或密码不正确"),
        "too_many_login_attempts": _("输错次数过多，请 5 分钟后再试"),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        del request
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        return http.of(request).client

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Say nothing of its own: our pages show what happened."""

    def post_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse:
        methods = [entry.get("method", "") for entry in request.session.get("account_authentication_methods", [])]
        actions.record_audit(
            owner_of(request, user),
            verb="session.start",
            target=f"staff:{user.staff_number}",
            changed={"client": self.get_client_ip(request), "methods": methods},
            dataset=user.dataset,
        )
        answer: HttpResponse = super().post_login(request, user, **kwargs)
        return answer

    def logout(self, request: HttpRequest) -> None:
        user: Any = request.user
        if user.is_authenticated:
            actions.record_audit(
                owner_of(request, user),
                verb="session.end",
                target=f"staff:{user.staff_number}",
                changed={"client": self.get_client_ip(request)},
                dataset=user.dataset,
            )
        super().logout(request)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        actions.record_failed_sign_in(
            staff_number=credentials.get("username", ""),
            client=self.get_client_ip(request),
            request_id=http.of(request).request_id,
        )

    def set_password(self, user: Any, password: str) -> None:
        actions.change_own_password(user, password=password)

    def send_notification_mail(self, template_prefix: str, user: Any, *_args: Any, **_kwargs: Any) -> None:
        if verb := VERBS.get(template_prefix):
            actions.record_audit(
                owner_of(self.request, user), verb=verb, target=f"staff:{user.staff_number}", dataset=user.dataset
            )


class MfaAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth is untyped
    """Second factors, unreadable to whoever has only the database."""

    def encrypt(self, text: str) -> str:
        return cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        try:
            return cipher().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:  # written under another secret key: no code fits until an admin clears the factor
            logger.error("a second factor cannot be read: the secret key has changed")  # noqa: TRY400 - no trace helps
            return b32encode(secrets.token_bytes(20)).decode()


def cipher() -> MultiFernet:
    """Return the cipher of second factors; older secret keys still read what they wrote."""
    return MultiFernet([Fernet(fernet_key(secret)) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def fernet_key(secret: str | bytes) -> bytes:
    return urlsafe_b64encode(salted_hmac(KEY_SALT, "", secret=secret, algorithm="sha256").digest())


class StaffLoginForm(LoginForm):  # type: ignore[misc]  # allauth is untyped
    """The sign-in form in our words."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        number = self.fields["login"]
        number.label = _("工号")
        number.widget = forms.TextInput(
            attrs={
                "autocomplete": "username webauthn",
                "autocapitalize": "characters",
                "autofocus": True,
                "maxlength": 20,
            }
        )
        password = self.fields["password"]
        password.label = _("密码")
        password.help_text = ""
        password.widget.attrs.pop("placeholder", None)


def relabelled(form: type[Any], **labels: Any) -> type[Any]:
    """Return allauth's form with our labels, without placeholders that repeat them."""

    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        super(made, self).__init__(*args, **kwargs)
        for name, label in labels.items():
            if name in self.fields:
                self.fields[name].label = label
                self.fields[name].widget.attrs.pop("placeholder", None)
                self.fields[name].help_text = HELP.get(name, "")

    made: type[Any] = type(f"Our{form.__name__}", (form,), {"__init__": init})
    return made


HELP: Final = {"passwordless": _("需要指纹、面容或 PIN。不勾选时只作为第二步验证。")}
CODE: Final = _("验证码")
UNREADABLE: Final = _("无法读取通行密钥，请重试")
PasswordChangeForm = relabelled(
    ChangePasswordForm, oldpassword=_("现在的密码"), password1=_("新密码"), password2=_("再输一次新密码")
)
PasswordAgainForm = relabelled(ReauthenticateForm, password=_("密码"))
SecondFactorForm = relabelled(AuthenticateForm, code=CODE)
SecondFactorAgainForm = relabelled(mfa.ReauthenticateForm, code=CODE)
ActivateTotpForm = relabelled(totp.ActivateTOTPForm, code=CODE)
EditPasskeyForm = relabelled(webauthn.EditWebAuthnForm, name=_("名称"))

# What fido2 raises on JSON that no authenticator ever wrote.
BROKEN: Final = (KeyError, TypeError, ValueError, AttributeError)


class AnswerByPasskey(forms.Form):
    """A passkey's answer that is not one is the client's mistake."""

    def clean_credential(self) -> Any:
        try:
            return super().clean_credential()  # type: ignore[misc]  # allauth's form stands behind
        except BROKEN as error:
            raise forms.ValidationError(UNREADABLE) from error


class AddPasskey(forms.Form):
    """So is the registration of one."""

    def clean(self) -> Any:
        try:
            return super().clean()
        except BROKEN as error:
            raise forms.ValidationError(UNREADABLE) from error


class LoginPasskeyForm(AnswerByPasskey, webauthn.LoginWebAuthnForm):  # type: ignore[misc]  # allauth is untyped
    """Sign in by a passkey alone."""


class SecondPasskeyForm(AnswerByPasskey, webauthn.AuthenticateWebAuthnForm):  # type: ignore[misc]
    """A passkey as the second factor."""


class PasskeyAgainForm(AnswerByPasskey, webauthn.ReauthenticateWebAuthnForm):  # type: ignore[misc]
    """A passkey asked for again."""


class AddPasskeyForm(
    AddPasskey,
    relabelled(webauthn.AddWebAuthnForm, name=_("名称"), passwordless=_("用它免密码登录")),  # type: ignore[misc]
):
    """Register a passkey."""


def too_many(request: HttpRequest) -> HttpResponse:
    """Answer handler429, which allauth looks for when a client asks too often."""
    return problem.response(request, Problem("rate_limited", 429, _("尝试次数过多，请稍后再试")))


# Only the pages that staff need: no sign-up, no mail addresses, no reset by mail.
urlpatterns: list[URLPattern | URLResolver] = [
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("signup/", RedirectView.as_view(pattern_name="account_login"), name="account_signup"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("password/change/", account.password_change, name="account_change_password"),
    path("2fa/", include("allauth.mfa.urls")),
    path("sessions/", usersessions.list_usersessions, name="usersessions_list"),
]

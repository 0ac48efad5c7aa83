"""Django settings, filled from the typed environment."""

import contextlib
from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONCE, SELF, UNSAFE_INLINE

from huoji.config import database, env

ENV = env.load()
BASE_DIR = Path(__file__).resolve().parent.parent

HUOJI = ENV  # apps read what the operator chose as settings.HUOJI.waybill_prefix
SECRET_KEY = env.secret_key(ENV)
DEBUG = ENV.debug
_public = urlsplit(ENV.public_url)
_live = "{0.scheme}://{0.netloc}".format(urlsplit(ENV.live_url)) if ENV.live_url else f"*:{ENV.live_port}"
_tiles = (
    ["{0.scheme}://{0.netloc}".format(urlsplit(ENV.map_tiles_url.replace("{s}", "*")))] if ENV.map_tiles_url else []
)
_is_https = _public.scheme == "https"
ALLOWED_HOSTS = [*ENV.allowed_hosts, *([_public.hostname] if _public.hostname else [])]
CSRF_TRUSTED_ORIGINS = [f"{_public.scheme}://{_public.netloc}"] if _public.hostname else []
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _is_https
SECURE_HSTS_SECONDS = 30 * 24 * 3600 if _is_https else 0
# A client could send this header itself, so it counts only where a proxy that we were told of stands before us.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _is_https and ENV.trusted_proxies else None
ROOT_URLCONF = "huoji.web.urls"
WSGI_APPLICATION = "huoji.config.wsgi.application"

DATABASES = database.connections(data_dir=ENV.data_dir, database_url=ENV.database_url, owner_url=ENV.owner_database_url)
DATABASE_ROUTERS = ["huoji.kit.roles.RoleRouter"]
AUTH_USER_MODEL = "accounts.Staff"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "procrastinate.contrib.django",
    "huoji.kit",
    "huoji.apps.accounts",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "huoji.apps.customers",
    "huoji.apps.places",
    "huoji.apps.fleet",
    "huoji.apps.shipments",
    "huoji.apps.warehouse",
    "huoji.web",
]

MIDDLEWARE = [
    "huoji.kit.middleware.RequestMiddleware",
    "huoji.kit.middleware.ProblemMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "huoji.web.lane.TrackLane",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "huoji.web.policy.PolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "huoji.web.language.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "huoji.web.middleware.ActorMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "web" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "huoji.web.context.shell",
            ],
        },
    },
]

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "web" / "locale"]
TIME_ZONE = ENV.time_zone
USE_I18N = True
USE_TZ = True

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"

STATIC_URL = "/static/"
LOGIN_URL = "/accounts/login/"
CSRF_FAILURE_VIEW = "huoji.kit.problem.csrf_failure"
DATA_UPLOAD_MAX_MEMORY_SIZE = 16 * 1024 * 1024
# One JSON object a line, ids and patterns only (kit/log.py); Django's own lines would quote paths and rows.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "huoji.kit.log.JsonFormatter"}},
    "handlers": {"stderr": {"()": "huoji.kit.log.StderrHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": ENV.log_level},
    "loggers": {
        "django": {"handlers": [], "level": "WARNING", "propagate": True},
        "django.request": {"level": "ERROR"},
        "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
        "procrastinate": {"level": "WARNING"},
        "psycopg": {"level": "ERROR"},
        "PIL": {"level": "WARNING"},
    },
}

# ---- sign-in (web/signin.py) -----------------------------------------------------------------------------------------
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["staff_number", "name", "phone"]},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_REDIRECT_URL = "/app/"
SESSION_COOKIE_NAME = "huoji_session"
SESSION_COOKIE_AGE = 12 * 60 * 60  # a shift
ACCOUNT_ADAPTER = "huoji.web.signin.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "huoji.web.signin.StaffLoginForm",
    "change_password": "huoji.web.signin.PasswordChangeForm",
    "reauthenticate": "huoji.web.signin.PasswordAgainForm",
}
MFA_FORMS = {
    "authenticate": "huoji.web.signin.SecondFactorForm",
    "reauthenticate": "huoji.web.signin.SecondFactorAgainForm",
    "activate_totp": "huoji.web.signin.ActivateTotpForm",
    "authenticate_webauthn": "huoji.web.signin.SecondPasskeyForm",
    "login_webauthn": "huoji.web.signin.LoginPasskeyForm",
    "reauthenticate_webauthn": "huoji.web.signin.PasskeyAgainForm",
    "add_webauthn": "huoji.web.signin.AddPasskeyForm",
    "edit_webauthn": "huoji.web.signin.EditPasskeyForm",
}
ACCOUNT_USER_MODEL_USERNAME_FIELD = "staff_number"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_REDIRECT_URL = "/accounts/login/"
ACCOUNT_RATE_LIMITS = {"login": "30/m/ip", "login_failed": "10/m/ip,5/5m/key", "change_password": "5/m/user"}
MFA_ADAPTER = "huoji.web.signin.MfaAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Huoji"
MFA_TOTP_TOLERANCE = 1  # a phone's clock may be half a minute off
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True  # browsers offer passkeys on https and http://localhost alone
# Shared by all processes: what was failed in one is known to the next.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "accounts_cache",
        "TIMEOUT": 600,
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    },
}

# ---- static files and the content policy ------------------------------------------------------------------------------
STATIC_ROOT = BASE_DIR.parent.parent / "staticfiles"  # hashed and compressed by `make install`
with contextlib.suppress(OSError):  # WhiteNoise warns of a folder that is not there; it may be empty
    STATIC_ROOT.mkdir(exist_ok=True)
NODE_MODULES = BASE_DIR.parent.parent / "node_modules"
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "huoji.web.finders.VendorFinder",
]
STORAGES = {
    "default": (
        {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": {"bucket_name": ENV.blob_bucket}}
        if ENV.blob_bucket
        else {"BACKEND": "huoji.kit.blob.DurableStorage", "OPTIONS": {"location": ENV.data_dir / "blobs"}}
    ),
    "staticfiles": {"BACKEND": "huoji.web.storage.StaticStorage"},
}
WHITENOISE_USE_FINDERS = True  # what `collectstatic` has not hashed and compressed yet is served by its plain name
WHITENOISE_MAX_AGE = 3600

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "style-src-attr": [UNSAFE_INLINE],  # progress widths, and what leaflet sets
        "img-src": [SELF, "data:", "blob:", *_tiles],
        "font-src": [SELF],
        "connect-src": [SELF, _live],
        "media-src": [SELF, "blob:"],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
    },
}

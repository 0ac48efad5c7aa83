"""Django settings, filled from the typed environment."""

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
    "ninja",
    "procrastinate.contrib.django",
    "huoji.kit",
    "huoji.apps.accounts",
    "huoji.apps.customers",
    "huoji.apps.places",
    "huoji.apps.shipments",
    "huoji.web",
]

MIDDLEWARE = [
    "huoji.kit.middleware.RequestMiddleware",
    "huoji.kit.middleware.ProblemMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "huoji.web.language.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
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

STATIC_URL = "/static/"
LOGIN_URL = "/accounts/login/"
CSRF_FAILURE_VIEW = "huoji.kit.problem.csrf_failure"
DATA_UPLOAD_MAX_MEMORY_SIZE = 16 * 1024 * 1024
TRUSTED_PROXIES: tuple[str, ...] = ()
SLOW_QUERY_MS = 200
STATIC_ROOT = ENV.data_dir / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
NODE_MODULES = BASE_DIR.parent.parent / "node_modules"
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "huoji.web.finders.VendorFinder",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
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
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "media-src": [SELF, "blob:"],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
    },
}

"""Django settings, filled from the typed environment."""

from pathlib import Path

from huoji.config import database, env

ENV = env.load()
BASE_DIR = Path(__file__).resolve().parent.parent

SECRET_KEY = ENV.secret_key
DEBUG = ENV.debug
ALLOWED_HOSTS = ["*"]
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
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
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
            ],
        },
    },
]

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "web" / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True
STATIC_URL = "/static/"
LOGIN_URL = "/accounts/login/"
CSRF_FAILURE_VIEW = "huoji.kit.problem.csrf_failure"
DATA_UPLOAD_MAX_MEMORY_SIZE = 16 * 1024 * 1024
TRUSTED_PROXIES: tuple[str, ...] = ()
SLOW_QUERY_MS = 200

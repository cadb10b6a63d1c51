"""Django's settings. Beside `environment`, nothing else in the project reads the environment."""

import os
from pathlib import Path
from typing import Any

import structlog
from csp.constants import NONE, SELF

from guildhall.config import environment

PACKAGE = Path(__file__).resolve().parent.parent
HOME = environment.home()
"""Where this federation's files live: keys, attachments, the embedded database, built front-end files."""

DEBUG = False
TESTING = os.environ.get("GUILDHALL_TESTING") == "1"
SECRET_KEY = environment.secret_key()
VAULT_KEY = environment.vault_key()
"""128 bits in hex that seal what is encrypted at rest; without it one is derived from SECRET_KEY."""
ALLOWED_HOSTS = os.environ.get("GUILDHALL_HOSTS", "127.0.0.1,localhost,testserver").split(",")
CSRF_TRUSTED_ORIGINS = [origin for origin in os.environ.get("GUILDHALL_ORIGINS", "").split(",") if origin]

PUBLIC_ADDRESS = os.environ.get("GUILDHALL_ADDRESS") or environment.address(CSRF_TRUSTED_ORIGINS)
"""Where the public reaches this house; printed papers carry it."""

FEDERATION_NAME = os.environ.get("GUILDHALL_FEDERATION", "包头市总工会")
FEDERATION_CONTACT = os.environ.get("GUILDHALL_CONTACT", "0472-555-0158")
DEMO = environment.is_demo()
"""The demonstration: its own time of business, and a banner that says so."""

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "django_htmx",
    "csp",
    "procrastinate.contrib.django",
    "guildhall.foundation.clock",
    "guildhall.foundation.screens",
    "guildhall.foundation.organisations",
    "guildhall.foundation.messages",
    "guildhall.foundation.records",
    "guildhall.foundation.documents",
    "guildhall.foundation.ledger",
    "guildhall.foundation.programmes",
    "guildhall.reform.pilots",
    "guildhall.reform.assessment",
    "guildhall.web",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "guildhall.web.middleware.own_password_first",
    "guildhall.foundation.screens.middleware.refusals",
]

ROOT_URLCONF = "guildhall.config.urls"
WSGI_APPLICATION = "guildhall.config.wsgi.application"
AUTH_USER_MODEL = "organisations.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "guildhall.foundation.screens.context.shell",
            ],
            "builtins": ["guildhall.foundation.screens.templatetags.screens"],
        },
    },
]

DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        **environment.database(),
        "CONN_MAX_AGE": 300,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"options": "-c lock_timeout=3s"},
    }
}
"""The role's own `search_path` names the federation's schema; see docs/operations.md."""

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"

CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "rate_limit"}}
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if os.environ.get("GUILDHALL_HTTPS") == "1":
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = 31_536_000

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
if TESTING:
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", PASSWORD_HASHERS[1]]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "web:workbench"
ACCOUNT_LOGOUT_REDIRECT_URL = "web:front"
ACCOUNT_USER_MODEL_EMAIL_FIELD = None  # Addresses stand with the person.
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "guildhall.web.adapter.ClosedDoors"
ACCOUNT_FORMS = {"change_password": "guildhall.web.forms.PasswordForm"}
ACCOUNT_RATE_LIMITS = {"login": "60/m/ip", "login_failed": "10/m/ip,5/5m/key"}
ACCOUNT_PREVENT_ENUMERATION = True

EMAIL_HOST = os.environ.get("GUILDHALL_SMTP", "")
EMAIL_ADAPTER = bool(EMAIL_HOST)
"""Without a mail server, messages stand in the outbox that an officer reads on screen."""
DEFAULT_FROM_EMAIL = os.environ.get("GUILDHALL_MAIL_FROM", "guildhall@localhost")

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LOCALE_PATHS = [PACKAGE / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

STATIC_URL = "static/"
STATICFILES_DIRS = [path for path in [HOME / "assets"] if path.exists()]
STATIC_ROOT = HOME / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if TESTING
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
ATTACHMENTS = HOME / "attachments"
"""Evidence and documents: outside the web root, served by views that check the reader."""
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
ATTACHMENT_MAX_BYTES = 20 * 1024 * 1024
FILE_UPLOAD_PERMISSIONS = 0o600

SILENCED_SYSTEM_CHECKS = ["security.W004", "security.W008", "security.W012", "security.W016"]
"""HTTPS is the reverse proxy's; GUILDHALL_HTTPS=1 turns its settings on."""

structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso"),
        structlog.processors.JSONRenderer(ensure_ascii=False),
    ]
)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}

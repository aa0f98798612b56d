"""Django's settings. What an installation may set comes from the environment: docs/settings.md has every variable."""

import os
from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from wafa.config.environment import (
    database_settings,
    mail_settings,
    read_choice,
    read_count,
    read_flag,
    read_list,
    read_origin,
)
from wafa.embedded import HomeUnusable, current_home, database_url, keep_secret
from wafa.kit.roles import APPLICATION_ROLE

PACKAGE = Path(__file__).resolve().parent.parent
HOME = current_home()

# ---- who reaches us ------------------------------------------------------------------------------

DEBUG = read_flag("WAFA_DEBUG")
WAFA_DEMO = read_flag("WAFA_DEMO")
ORIGIN = read_origin("WAFA_ORIGIN", default="http://localhost:8000")
_HTTPS = ORIGIN.startswith("https://")
ALLOWED_HOSTS = [urlsplit(ORIGIN).hostname or "", *read_list("WAFA_HOSTS")]
if not _HTTPS:
    ALLOWED_HOSTS += ["localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = [ORIGIN]

try:
    SECRET_KEY = os.environ.get("WAFA_SECRET_KEY") or keep_secret(HOME / "secret_key")
except HomeUnusable as error:
    raise ImproperlyConfigured(f"WAFA_SECRET_KEY is not set, and {error}") from None
SECRET_KEY_FALLBACKS = read_list("WAFA_SECRET_KEY_FALLBACKS")

# ---- rooms ---------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "wafa.console",  # first, for its pages of the sign-in take the place of allauth's
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "django_cotton",
    "django_htmx",
    "procrastinate.contrib.django",
    "wafa.design",
    "wafa.relay",
    "wafa.programs",
    "wafa.members",
    "wafa.activities",
    "wafa.ledger",
    "wafa.coupons",
    "wafa.referrals",
    "wafa.rewards",
    "wafa.imports",
    "wafa.reports",
    "wafa.storefront",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "wafa.config.urls"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "wafa.design.context.formats",
                "wafa.console.context.mail",
            ],
        },
    },
]

# ---- database ------------------------------------------------------------------------------------

_ROLE = read_choice("WAFA_DATABASE_ROLE", choices=("application", "owner"))
DATABASES = {
    "default": database_settings(
        os.environ.get("DATABASE_URL") or database_url(HOME),
        role=APPLICATION_ROLE if _ROLE == "application" else None,
        pool_size=read_count("WAFA_DATABASE_POOL", default=8),
    )
}
# The worker reads the jobs from here; whoever starts one does so by name.
PROCRASTINATE_IMPORT_PATHS = ["wafa.jobs.tasks"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# ---- languages and time --------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("ar", _("Arabic")), ("fa", _("Persian"))]
LOCALE_PATHS = [PACKAGE / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# ---- static files --------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        # A name carries the hash of its content and may be kept by browsers for ever; `wafa up` collects them.
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if not DEBUG
        else "django.contrib.staticfiles.storage.StaticFilesStorage",
    },
}
WHITENOISE_USE_FINDERS = DEBUG

# ---- sign-in to the console ----------------------------------------------------------------------

AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ACCOUNT_ADAPTER = "wafa.config.sign_in.StaffAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = True
MFA_ADAPTER = "wafa.config.sign_in.SecondStepAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Wafa"
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "console:programs"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"

# ---- mail ----------------------------------------------------------------------------------------

_SMTP_URL = os.environ.get("WAFA_SMTP_URL", "").strip()
globals().update(mail_settings(_SMTP_URL))
MAIL_IS_SENT = bool(_SMTP_URL)
DEFAULT_FROM_EMAIL = os.environ.get("WAFA_MAIL_FROM", "").strip() or f"wafa@{urlsplit(ORIGIN).hostname}"

# ---- what browsers may do ------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if _HTTPS else 0
SECURE_SSL_REDIRECT = _HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if read_flag("WAFA_BEHIND_PROXY") else None
SESSION_COOKIE_SECURE = _HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = _HTTPS
CSRF_COOKIE_HTTPONLY = True
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024  # bytes; a delivery of an order with hundreds of lines is below 1 MB

# ---- what we may reach ----------------------------------------------------------------------------

WEBHOOKS_MAY_BE_PRIVATE = read_flag("WAFA_WEBHOOKS_MAY_BE_PRIVATE")

# ---- what we say ---------------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    # Django mails tracebacks to administrators by default, with what people typed in them.
    "loggers": {
        "django": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
        "httpx": {"level": "WARNING"},  # it tells every address it calls, customers' ids and all
        "procrastinate": {"level": "WARNING"},  # else each job says that it begins and that it ends
    },
}

"""The product's settings with the few differences that tests need."""

from wafa.config.settings import *  # noqa: F403
from wafa.config.settings import DATABASES, STORAGES

DEBUG = False
# Served from where they lie: nothing was collected.
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
STATIC_ROOT = None  # type: ignore[assignment]  # Django allows it, its types do not
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
# More than any test has threads. A new connection for each would plan all its statements anew.
DATABASES["default"]["OPTIONS"]["pool"] = {"min_size": 1, "max_size": 40, "timeout": 10}

"""What the web server calls: the hot addresses first, then Django."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wafa.config.settings")

_django = get_wsgi_application()

from wafa.api.addresses import HOT_ADDRESSES  # noqa: E402 - rooms can be imported once Django is set up
from wafa.api.hot import in_front_of  # noqa: E402

application = in_front_of(_django, HOT_ADDRESSES)

gc.freeze()  # what is loaded stays: the collector would look at all of it again and again, and every thread waits

"""What the web server calls: the hot addresses first, then Django."""

import os
from typing import cast

from a2wsgi import WSGIMiddleware
from a2wsgi.wsgi_typing import WSGIApp
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wafa.config.settings")

# In threads: pages, files and exports are written the plain way, and Django's own ASGI handler would read an export
# whole before it sends the first line.
_django = WSGIMiddleware(cast(WSGIApp, get_wsgi_application()), workers=16)

from wafa.api.addresses import HOT_ADDRESSES  # noqa: E402 - rooms can be imported once Django is set up
from wafa.api.hot import Application, in_front_of  # noqa: E402
from wafa.kit.collector import spare_batches  # noqa: E402

application = in_front_of(cast(Application, _django), HOT_ADDRESSES)

spare_batches()

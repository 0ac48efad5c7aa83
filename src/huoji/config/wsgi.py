"""The WSGI application of the web processes: pages and API."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huoji.config.settings")

application = get_wsgi_application()

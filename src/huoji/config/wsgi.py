"""The WSGI application of the web processes: pages and API."""

import atexit
import os
from multiprocessing import util

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huoji.config.settings")

application = get_wsgi_application()

from huoji.kit.pulse import PULSE  # noqa: E402 - its tables are known only now

PULSE.start("web")
atexit.register(PULSE.stop)
util.Finalize(None, PULSE.stop, exitpriority=1)  # granian's workers are multiprocessing's, which skip atexit

"""The WSGI application of the web processes: pages and API."""

import atexit
import gc
import os
import sys
from multiprocessing import util

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huoji.config.settings")

application = get_wsgi_application()

from huoji.kit.pulse import PULSE  # noqa: E402 - its tables are known only now

PULSE.start("web")
atexit.register(PULSE.stop)
util.Finalize(None, PULSE.stop, exitpriority=1)  # granian's workers are multiprocessing's, which skip atexit

# What is loaded by now stays for good: the collector need not walk it again and again while it looks for what requests
# left. A batch of five thousand events makes tens of thousands of small objects, none of them a ring.
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 20)

# While a batch computes in one thread, a page in another asks for the interpreter some six times (after each word with
# the database) and waits up to this long each time: Python's own 5 ms made 30 of them.
SWITCH_S = 0.0001
sys.setswitchinterval(SWITCH_S)

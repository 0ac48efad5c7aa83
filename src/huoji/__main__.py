"""Let `python -m huoji` be the command line."""

import sys

from huoji.config.cli import main

sys.exit(main())

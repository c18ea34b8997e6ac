"""``python -m nst_numpy``."""

import sys

from nst_numpy.cli import main

sys.exit(main())

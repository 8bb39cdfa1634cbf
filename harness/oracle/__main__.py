"""`python -m harness.oracle`."""

import sys

from . import main

sys.exit(main())

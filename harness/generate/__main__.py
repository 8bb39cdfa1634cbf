"""`python -m harness.generate`."""

import sys

from harness.generate.command import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

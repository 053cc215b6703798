"""``python -m vertebrisk``."""

import sys

from vertebrisk.cli import main

if __name__ == "__main__":
    sys.exit(main())

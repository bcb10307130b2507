"""Entry point of `python -m inference`; everything it can do is in inference.cli."""

import sys

from inference.cli import main

if __name__ == "__main__":
    sys.exit(main())

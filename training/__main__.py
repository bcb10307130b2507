"""Run a training command: `python -m training COMMAND`.

Hands the command line to `training.cli`.
"""

import sys

from training.cli import main

if __name__ == "__main__":
    sys.exit(main())

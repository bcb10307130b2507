#!/usr/bin/env python
"""Vermilion's administrative command line; ``manage.py test`` hands over to pytest, which knows the tests."""

import os
import subprocess
import sys

from django.core.management import execute_from_command_line


def main(arguments: list[str]) -> int:
    """Run the management command in ``arguments`` and return its exit status."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.config.settings")
    if arguments[1:2] == ["test"]:
        # Django's own runner would discover nothing here and call that a success.
        return subprocess.run([sys.executable, "-m", "pytest", *arguments[2:]], check=False).returncode
    execute_from_command_line(arguments)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))

"""A web process starts without what only some of its pages need: statistics, figures and the makers of files."""

import subprocess
import sys

import pytest

from clinic.studies import evaluating

HEAVY = ("matplotlib", "pyarrow", "reportlab", "scipy", "xlsxwriter", "torch")
# As gunicorn starts it: the application, and with the first request every address.
STARTED = """
import sys
from clinic.config import wsgi, urls
loaded = {name.split(".")[0] for name in sys.modules}
print(*sorted(loaded & set(sys.argv[1:])))
"""
DRAWN = """
from clinic.studies import evaluating
evaluating.gallery.PLANS
"""


def loaded(program, folder):
    """Which of the heavy packages a fresh process has loaded after the program."""
    command = [sys.executable, "-c", program, *HEAVY]
    done = subprocess.run(command, env={"VERMILION_DATA": str(folder)}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def test_nothing_heavy_is_loaded_at_the_start(tmp_path):
    assert loaded(STARTED, tmp_path) == set()


def test_the_first_figure_brings_what_it_needs(tmp_path):
    assert {"matplotlib", "scipy"} <= loaded(DRAWN + STARTED, tmp_path)


def test_each_name_stands_for_a_module():
    assert {name: getattr(evaluating, name).__name__ for name in evaluating.HEAVY} == evaluating.HEAVY
    with pytest.raises(AttributeError, match="no attribute 'matplotlib'"):
        evaluating.matplotlib  # noqa: B018 - asked for

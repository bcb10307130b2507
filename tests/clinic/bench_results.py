"""What a large study's results page, marks file and ZIP cost: ``python -m pytest -s tests/clinic/bench_results.py``.

From simulated marks in a database to a table of processor seconds and of the memory that each act adds at its highest.
Figures, no verdict; its name keeps it out of `make test`. Sizes are the number of cases read by thirty.
"""

import ctypes
import gc
import os
import re
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from django.urls import reverse

from clinic.studies import evaluating, results
from clinic.studies.export import stream_csv
from clinic.studies.parcel import bundle, everything
from evaluation.bench import marks_of
from evaluation.coverage import simulated
from evaluation.exports.streams import Contents

READERS = 30
CASES = (33, 800, 3334)
ACTS = ("first view", "next view", "marks file", "ZIP", "one table", "one Parquet file")
HEAD = "| sheets | " + " | ".join(f"{act}, s | MiB" for act in ACTS) + " | ZIP's size, MiB |"


@pytest.mark.django_db
def test_print_what_results_and_export_cost(client, sign_in, ada, unblinded_from):
    print(f"\n{os.cpu_count()} cores\n\n{HEAD}\n|{' ---: |' * (2 + 2 * len(ACTS))}", flush=True)
    sign_in(client, ada).get(reverse("home"))
    assert evaluating.bundle, "loaded before it is measured, as its cost is that of a process and not of a study"
    for cases in CASES:
        marks = marks_of(simulated(cases, np.random.default_rng(1), READERS))
        study = unblinded_from(replace(one, case=f"{cases}-{one.case}") for one in marks)
        address = reverse("studies:results", args=[study.pk])
        costs = [cost(client.get, address), cost(client.get, address), cost(length, stream_csv, study)]
        costs += [cost(zipped, study), cost(one, study, "tables/tables.md"), cost(one, study, "marks.parquet")]
        size = zipped(study) / 2**20
        results._evaluated.cache_clear()
        told = " | ".join(f"{seconds:.1f} | {memory:.0f}" for seconds, memory in costs)
        print(f"| {cases * READERS:,} | {told} | {size:.1f} |", flush=True)


def zipped(study):
    """Make the ZIP and go through it as it is sent; its length in bytes."""
    return length(Contents, everything(study))


def one(study, name):
    """Make one file of the ZIP alone; its length in bytes."""
    return length(bundle(study).member, name)


def length(made, *arguments):
    """Go through what is made, and return its length in bytes."""
    return sum(len(piece) for piece in made(*arguments))


def cost(act, *arguments):
    """Processor seconds of an act, and how far it raised the memory of this process at its highest, in MiB."""
    gc.collect()
    # What was freed goes back to the system first, else an act would seem to cost nothing after a larger one.
    ctypes.CDLL("libc.so.6").malloc_trim(0)
    Path("/proc/self/clear_refs").write_text("5")
    before, started = memory("VmRSS"), time.process_time()
    act(*arguments)
    return time.process_time() - started, memory("VmHWM") - before


def memory(line):
    """Resident memory of this process in MiB, or its peak (VmHWM) since it was last cleared; Linux only."""
    return int(re.search(rf"{line}:\s+(\d+)", Path("/proc/self/status").read_text())[1]) / 1024

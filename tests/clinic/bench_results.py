"""What a large study's results page and marks file cost: ``python -m pytest -s tests/clinic/bench_results.py``.

From simulated marks in a database to a table of processor seconds, and of the memory that streaming the file adds.
Figures, no verdict; its name keeps it out of `make test`.
"""

import gc
import os
import re
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from django.urls import reverse

from clinic.studies import results
from clinic.studies.export import stream_csv
from evaluation.bench import marks_of
from evaluation.coverage import simulated

READERS = 30
CASES = (33, 800, 3333)
HEAD = "| sheets | cases x readers | first view, s | next view, s | marks file, s | size, MiB | memory for it, MiB |"


@pytest.mark.django_db
def test_print_what_results_and_export_cost(client, sign_in, ada, unblinded_from):
    print(f"\n{os.cpu_count()} cores\n\n{HEAD}\n|{' ---: |' * 7}")
    sign_in(client, ada).get(reverse("home"))
    for cases in CASES:
        marks = marks_of(simulated(cases, np.random.default_rng(1), READERS))
        study = unblinded_from(replace(one, case=f"{cases}-{one.case}") for one in marks)
        address = reverse("studies:results", args=[study.pk])
        first, again = seconds(client.get, address), seconds(client.get, address)
        results._evaluated.cache_clear()
        gc.collect()
        before = memory("VmRSS", fresh=True)
        length, export = written(study), seconds(written, study)
        print(
            f"| {cases * READERS:,} | {cases:,} x {READERS} | {first:.1f} | {again:.1f} | {export:.1f}"
            f" | {length / 2**20:.1f} | {memory('VmHWM') - before:.1f} |"
        )


def memory(line, fresh=False):
    """Resident memory of this process in MiB, or its peak (VmHWM) since it was last asked for fresh; Linux only."""
    if fresh:
        Path("/proc/self/clear_refs").write_text("5")
    return int(re.search(rf"{line}:\s+(\d+)", Path("/proc/self/status").read_text())[1]) / 1024


def written(study):
    """Go through the marks file as it is sent, and return its length in bytes."""
    return sum(len(block) for block in stream_csv(study))


def seconds(act, *arguments):
    """Processor seconds of an act."""
    started = time.process_time()
    act(*arguments)
    return time.process_time() - started

"""What a large study's results page and marks file cost: ``python -m pytest -s tests/clinic/bench_results.py``.

From simulated marks in a database to a table of processor seconds, and of peak memory while the marks file is streamed.
Figures, no verdict; its name keeps it out of `make test`.
"""

import gc
import os
import resource
import time
import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
from django.urls import reverse

from clinic.studies import results
from clinic.studies.export import stream_csv
from evaluation.bench import marks_of
from evaluation.coverage import simulated

READERS = 30
CASES = (33, 800, 3333)
HEAD = "| sheets | cases x readers | first view, s | next view, s | marks file, s | marks file, MiB | streaming, MiB |"


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
        tracemalloc.start()
        length = written(study)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        export = seconds(written, study)
        print(
            f"| {cases * READERS:,} | {cases:,} x {READERS} | {first:.1f} | {again:.1f} | {export:.1f}"
            f" | {length / 2**20:.1f} | {peak / 2**20:.1f} |"
        )
    print(f"\nthe whole process, set-up included: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")


def written(study):
    """Go through the marks file as it is sent, and return its length in bytes."""
    return sum(len(block) for block in stream_csv(study))


def seconds(act, *arguments):
    """Processor seconds of an act."""
    started = time.process_time()
    act(*arguments)
    return time.process_time() - started

"""How long a large study takes to open: ``python -m pytest -s tests/clinic/bench_opening.py``. Figures, no verdict.

From made cases in a vault of its own to a table of processor and wall seconds. Its name keeps it out of `make test`.
"""

import os
import time

import pytest

from clinic.accounts.models import Role
from clinic.accounts.people import create_person
from clinic.studies import drafting, opening
from clinic.studies.drafting import Draft
from clinic.studies.models import Reading, State
from clinic.studies.protocol import Protocol

DESIGNS = ((50, 6), (200, 30))
PASSWORD = "a long lamp beside the window"
HEAD = "| cases | readers | sheets | processor, s | wall, s |\n| ---: | ---: | ---: | ---: | ---: |"


@pytest.fixture
def surgeons(ward):
    """As many surgeons as the largest design has."""
    return [
        create_person(email=f"{n}@ward.example", name=f"S {n}", role=Role.SURGEON, hospital=ward, password=PASSWORD)
        for n in range(max(readers for _, readers in DESIGNS))
    ]


@pytest.mark.django_db(transaction=True)
def test_print_the_seconds_that_opening_takes(ready_case, rosa, surgeons):
    cases = [ready_case(rosa) for _ in range(max(cases for cases, _ in DESIGNS))]
    print(f"\n{os.cpu_count()} cores\n\n{HEAD}")
    for number, readers in DESIGNS:
        agreed = Protocol(repeat_share=0.1, repeat_distance=8, guesses=3)
        study = drafting.draft(Draft("Lip study", cases[:number], surgeons[:readers], protocol=agreed), by=rosa)
        processor, wall = time.process_time(), time.perf_counter()
        opening.open_study(study, rosa)
        processor, wall = time.process_time() - processor, time.perf_counter() - wall
        assert study.state == State.OPEN
        sheets = Reading.objects.filter(study_reader__study=study).count()
        print(f"| {number} | {readers} | {sheets:,} | {processor:.1f} | {wall:.1f} |")

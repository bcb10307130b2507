"""The results page prints what `python -m evaluation` prints, warnings before tables."""

import json
import subprocess
import sys

import pytest
from django.urls import reverse

from clinic.studies import export, lifecycle, reading, results
from clinic.studies.blinding import arms
from clinic.studies.models import POSITIONS
from evaluation.marks import check_marks
from evaluation.published import arrange

pytestmark = pytest.mark.django_db


@pytest.fixture
def unblinded(open_study, rosa, ada):
    study = open_study(cases=2)
    for reader in study.readers.all():
        opened = arms(reader)
        for sheet in reader.readings.all():
            place = opened[sheet.sequence].index("inclg")
            entries = [
                {"position": position, "valid": position == POSITIONS[place], "reason": "", "rank": None}
                for position in POSITIONS
            ]
            entries[place]["rank"] = 1
            reading.submit(reading.open_reading(sheet), entries, 0)
    lifecycle.close(study, rosa)
    lifecycle.ask_unblinding(study, rosa, "complete")
    return lifecycle.confirm_unblinding(study, ada)


def test_page_and_command_line_print_the_same_figures(unblinded, tmp_path):
    file = tmp_path / "marks.csv"
    file.write_bytes(export.marks_csv(unblinded))

    printed = subprocess.run(
        [sys.executable, "-m", "evaluation", str(file), "--format", "json"], check=True, capture_output=True
    )

    assert json.loads(results.report(unblinded).render("json")) == json.loads(printed.stdout)


def test_rosa_and_ada_see_warnings_before_tables(client, sign_in, unblinded, rosa, ada):
    for person in (rosa, ada):
        page = sign_in(client, person).get(reverse("studies:results", args=[unblinded.pk])).content.decode()
        assert page.index("too few") < page.index("Table I. Valid probability") < page.index("In plain words")
        assert "4/4" in page


def test_only_ada_is_offered_the_files(client, sign_in, unblinded, rosa, ada):
    address = reverse("studies:results", args=[unblinded.pk])
    assert "Everything (ZIP)" in sign_in(client, ada).get(address).content.decode()
    assert "Everything (ZIP)" not in sign_in(client, rosa).get(address).content.decode()


def test_the_published_margins_print_the_published_tables(client, sign_in, unblinded, ada, monkeypatch):
    rows = list(check_marks(arrange(seed=3)).rows)
    monkeypatch.setattr(results, "marks_rows", lambda study: rows)

    page = sign_in(client, ada).get(reverse("studies:results", args=[unblinded.pk])).content.decode()

    for printed in ("0.233", "0.500", "0.319", "0.222", "0.264", "0.333"):
        assert f"<b>{printed}</b>" in page
    for printed in ("1.857", "1.714", "2.429", "1.267", "1.696", "1.813", "1.947", "1.208"):
        assert f"<b>{printed}</b>" in page
    assert "One mark apart" in page


def test_a_study_closed_before_anything_was_submitted_says_so(client, sign_in, open_study, rosa, ada):
    study = open_study(cases=1)
    lifecycle.close(study, rosa)
    lifecycle.ask_unblinding(study, rosa, "stopped")
    lifecycle.confirm_unblinding(study, ada)

    page = sign_in(client, ada).get(reverse("studies:results", args=[study.pk])).content.decode()
    assert "No scored sheet was submitted" in page

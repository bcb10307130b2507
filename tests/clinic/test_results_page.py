"""The results page prints what `python -m evaluation` prints, warnings before tables."""

import json
import subprocess
import sys

import pytest
from django.urls import reverse

from clinic.studies import export, lifecycle, reading, results
from clinic.studies.blinding import arms
from clinic.studies.models import POSITIONS
from evaluation.__main__ import main
from evaluation.published import arrange

pytestmark = pytest.mark.django_db

# Tables I and II as the papers print them: EdgeConnect, LaFIn, CTSDG, INCLG.
PUBLISHED = {
    "validity": {
        "CleftLip10": ("0.233", "0.233", "0.233", "0.500"),
        "CleftLip24": ("0.319", "0.222", "0.264", "0.333"),
    },
    "average_rank": {
        "CleftLip10": ("1.857", "1.714", "2.429", "1.267"),
        "CleftLip24": ("1.696", "1.813", "1.947", "1.208"),
    },
}


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
    assert "Export…" in sign_in(client, ada).get(address).content.decode()
    assert "Export…" not in sign_in(client, rosa).get(address).content.decode()


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_published_margins_print_the_published_tables_by_page_verb_and_command_line(
    client, sign_in, unblinded_from, ada, seed, tmp_path, capfd
):
    study = unblinded_from(arrange(seed))
    file = tmp_path / "marks.csv"
    file.write_bytes(export.marks_csv(study))

    page = sign_in(client, ada).get(reverse("studies:results", args=[study.pk])).content.decode()
    assert main([str(file), "--format", "json"]) == 0
    verb = json.loads(results.report(study).render("json"))

    assert verb == json.loads(capfd.readouterr().out)
    printed = {
        table: {
            dataset: tuple(row[method]["text"] for method in ("edgeconnect", "lafin", "ctsdg", "inclg"))
            for dataset, row in verb["tables"][table].items()
        }
        for table in PUBLISHED
    }
    assert printed == PUBLISHED
    for figures in (row for rows in PUBLISHED.values() for row in rows.values()):
        assert all(f"<b>{figure}</b>" in page for figure in figures)
    assert "One mark apart" in page


def test_a_study_closed_before_anything_was_submitted_says_so(client, sign_in, open_study, rosa, ada):
    study = open_study(cases=1)
    lifecycle.close(study, rosa)
    lifecycle.ask_unblinding(study, rosa, "stopped")
    lifecycle.confirm_unblinding(study, ada)

    page = sign_in(client, ada).get(reverse("studies:results", args=[study.pk])).content.decode()
    assert "No scored sheet was submitted" in page

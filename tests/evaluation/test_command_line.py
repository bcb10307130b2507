"""`python -m evaluation marks.csv` prints tables, or says on stderr what is wrong with the file."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from evaluation.__main__ import main
from evaluation.marks import Mark, read_marks, write_marks
from evaluation.report import PRINTERS, evaluate

Captured = pytest.CaptureFixture[bytes]


@pytest.fixture
def marks_file(four_sheets: list[Mark], tmp_path: Path) -> Path:
    path = tmp_path / "marks.csv"
    path.write_bytes(write_marks(four_sheets))
    return path


@pytest.mark.parametrize("output_format", PRINTERS)
def test_each_format_prints_what_the_report_renders(
    marks_file: Path, output_format: str, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    code = main([str(marks_file), "--format", output_format, "--seed", "3", "--draws", "200"])
    printed = capfdbinary.readouterr()
    assert code == 0
    assert printed.out.decode() == evaluate(read_marks(marks_file), seed=3, draws=200).render(output_format)
    assert printed.err == b""


def test_a_file_with_faults_leaves_stdout_empty_and_exits_with_2(marks_file: Path) -> None:
    marks_file.write_text(marks_file.read_text().replace(",1,,1,", ",1,,,", 1))
    ran = subprocess.run(
        [sys.executable, "-m", "evaluation", str(marks_file)],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )
    assert ran.returncode == 2
    assert ran.stdout == b""
    assert ran.stderr.decode().startswith(f"{marks_file}: line 2, column rank: a valid result needs a rank")


def test_a_missing_file_exits_with_2(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "absent.csv")]) == 2
    printed = capfd.readouterr()
    assert printed.out == ""
    assert "absent.csv: the file cannot be read: No such file or directory" in printed.err


@pytest.mark.parametrize(
    "option", [["--draws", "99"], ["--draws", "100001"], ["--draws", "many"], ["--seed", "-1"], ["--format", "word"]]
)
def test_an_option_out_of_range_exits_with_2(
    marks_file: Path, option: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main([str(marks_file), *option])
    assert caught.value.code == 2
    assert capfd.readouterr().out == ""


def test_the_same_seed_gives_the_same_bytes(marks_file: Path) -> None:
    marks = read_marks(marks_file)
    assert evaluate(marks, seed=5, draws=500).render("json") == evaluate(marks, seed=5, draws=500).render("json")


def test_another_seed_moves_the_intervals_only(published: list[Mark]) -> None:
    marks = read_marks(write_marks(published))
    first, second = (
        json.loads(evaluate(marks, seed=seed, draws=300).render("json"))["tables"]["penalised_rank"] for seed in (1, 2)
    )
    assert first != second
    assert [cell["text"] for cell in first["CleftLip24"].values()] == [
        cell["text"] for cell in second["CleftLip24"].values()
    ]


def test_figures_and_bundle_are_written_beside_the_tables(
    marks_file: Path, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    figures, bundle = tmp_path / "figures", tmp_path / "all.zip"
    options = ["--draws", "100", "--figures", str(figures), "--bundle", str(bundle)]
    assert main([str(marks_file), *options]) == 0
    assert (figures / "validity.svg").is_file()
    assert zipfile.is_zipfile(bundle)
    assert b"Table I. Valid probability" in capfdbinary.readouterr().out


def test_guesses_add_the_blinding_index(marks_file: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    guesses = tmp_path / "guesses.csv"
    guesses.write_text(
        "study,dataset,reading,position\n"
        "Feasibility,CleftLip10,VM-1-Sam-0,A\n"
        "Feasibility,CleftLip10,VM-2-Sam-0,B\n"
        "Feasibility,CleftLip10,VM-2-Ruth-0,\n"
    )
    assert main([str(marks_file), "--draws", "100", "--guesses", str(guesses), "--format", "json"]) == 0
    printed = json.loads(capfd.readouterr().out)
    assert printed["tables"]["guesses"]["CleftLip10"]["inclg"]["count"] == 1
    assert printed["tables"]["guesses"]["CleftLip10"]["inclg"]["guesses"] == 2
    assert printed["tests"]["blinding"]["CleftLip10"]["inclg named"]["statistic"] == pytest.approx(1 / 3)


@pytest.mark.parametrize("option", ["--figures", "--bundle"])
def test_a_place_that_cannot_be_written_is_named(
    marks_file: Path, tmp_path: Path, option: str, capfd: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / "marks.csv" / "inside"
    assert main([str(marks_file), "--draws", "100", option, str(place)]) == 2
    printed = capfd.readouterr()
    assert printed.out == ""
    assert printed.err == f"{place}: cannot be written: Not a directory\n"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("Feasibility,CleftLip10,VM-9-Sam-0,A", "line 2, column reading: the marks file has no reading 'VM-9-Sam-0'"),
        ("Feasibility,CleftLip10,VM-1-Sam-0,E", "line 2, column position: reading 'VM-1-Sam-0' has no position 'E'"),
    ],
)
def test_guesses_that_fit_no_sheet_are_refused(
    marks_file: Path, tmp_path: Path, line: str, message: str, capfd: pytest.CaptureFixture[str]
) -> None:
    guesses = tmp_path / "guesses.csv"
    guesses.write_text(f"study,dataset,reading,position\n{line}\n")
    assert main([str(marks_file), "--guesses", str(guesses)]) == 2
    printed = capfd.readouterr()
    assert printed.out == ""
    assert printed.err.startswith(f"{guesses}: {message}")

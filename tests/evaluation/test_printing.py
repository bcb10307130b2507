"""Names that mean something to a format are printed as they stand, and every format prints the same figures."""

from dataclasses import replace

import pytest

from evaluation.marks import Mark, check_marks
from evaluation.report import Report, evaluate


@pytest.fixture(scope="module")
def hostile(published: list[Mark]) -> Report:
    rows = [replace(mark, dataset="<b>A|B</b> & 50 % \\_x") for mark in published if mark.dataset == "CleftLip10"]
    return evaluate(check_marks(rows), draws=100)


@pytest.mark.parametrize(
    ("output_format", "name"),
    [
        ("html", "&lt;b&gt;A|B&lt;/b&gt; &amp; 50 % \\_x"),
        ("markdown", "\\<b>A\\|B\\</b> & 50 % \\\\\\_x"),
        ("latex", r"$<$b$>$A|B$<$/b$>$ \& 50 \% \textbackslash{}\_x"),
        ("csv", "<b>A|B</b> & 50 % \\_x"),
    ],
)
def test_a_name_with_markup_is_printed_as_it_stands(hostile: Report, output_format: str, name: str) -> None:
    assert name in hostile.render(output_format)


def test_html_holds_no_tag_of_a_name(hostile: Report) -> None:
    assert "<b>" not in hostile.render("html")


@pytest.mark.parametrize("output_format", ["markdown", "html", "latex", "csv", "json"])
def test_each_format_prints_the_exact_figures(report: Report, output_format: str) -> None:
    printed = report.render(output_format)
    assert all(text in printed for text in ("0.233", "0.500", "0.319", "1.813", "2.429", "1.208"))
    assert printed.endswith("\n")


def test_html_has_neither_style_nor_script(report: Report) -> None:
    printed = report.render("html")
    assert "style" not in printed
    assert "<script" not in printed

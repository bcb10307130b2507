"""Figures come in SVG and PNG, the same bytes each time, readable in grey."""

import io
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from evaluation.analyses.pairwise import MeanRanks
from evaluation.figures.critical_difference import joined
from evaluation.figures.gallery import PLANS, Picture, gallery, write_figures
from evaluation.figures.ranks import distribution
from evaluation.figures.style import rank_shade
from evaluation.findings import Findings
from evaluation.marks import Mark, check_marks
from evaluation.report import evaluate
from evaluation.sheets import scored_sheets


def test_every_figure_is_drawn(pictures: list[Picture]) -> None:
    assert [picture.name for picture in pictures] == [plan.name for plan in PLANS]
    for picture in pictures:
        assert ET.fromstring(picture.svg).tag.endswith("svg")
        assert Image.open(io.BytesIO(picture.png)).width > 1000


def test_the_same_findings_give_the_same_bytes(findings: Findings, pictures: list[Picture]) -> None:
    assert next(gallery(findings)) == pictures[0]


def test_a_figure_holds_no_date(pictures: list[Picture]) -> None:
    assert not any(b"<dc:date>" in picture.svg for picture in pictures)


def test_no_figure_needs_colour(pictures: list[Picture]) -> None:
    for picture in pictures:
        if picture.name != "ranks":
            pixels = np.asarray(Image.open(io.BytesIO(picture.png)).convert("RGB")).astype(int)
            assert np.ptp(pixels, axis=2).max() == 0


def test_rank_shades_grow_lighter_in_grey() -> None:
    weights = np.array([0.2126, 0.7152, 0.0722])
    for places in (2, 4, 8):
        shades = [float(np.array(rank_shade(place, places)[:3]) @ weights) for place in range(1, places + 1)]
        assert shades == sorted(shades)
        assert len(set(shades)) == places


def test_the_bars_of_ranks_count_every_sheet(published: list[Mark]) -> None:
    sheets = scored_sheets(check_marks(published))["CleftLip24"]
    counts = distribution(sheets)
    assert counts.sum(axis=1).tolist() == [72] * 4
    assert (72 - counts[:, 0]).tolist() == [23, 16, 19, 24]
    assert (counts @ np.arange(5)).tolist() == [39, 29, 37, 29]


def test_bars_join_methods_within_the_critical_difference() -> None:
    found = MeanRanks("d", ("a", "b", "c", "d"), (1.0, 2.0, 2.5, 4.0), 1.5)
    assert joined(found) == [(1.0, 2.5), (2.5, 4.0)]
    assert joined(MeanRanks("d", ("a", "b"), (1.0, 2.0), 0.5)) == []


def test_each_figure_says_in_words_what_it_shows(pictures: list[Picture]) -> None:
    words = {picture.name: picture.sentence for picture in pictures}
    assert "INCLG 24 of 72" in words["validity"]
    assert "EdgeConnect first" in words["ranks"]
    assert words["agreement"].startswith("Fleiss kappa on validity")


def test_figures_that_the_data_cannot_fill_are_left_out(sheet: Callable[..., list[Mark]]) -> None:
    rows = [mark for case in range(3) for mark in sheet("Sam", f"VM-{case}", {"inclg": 1}, seconds=None)]
    names = [picture.name for picture in gallery(evaluate(check_marks(rows), draws=100).findings)]
    assert names == ["validity", "ranks", "wins", "critical-difference"]


def test_figures_of_many_methods_are_drawn_too(sheet: Callable[..., list[Mark]]) -> None:
    methods = tuple(f"method-{letter}" for letter in "abcdefghi")
    rows = [
        mark
        for case in range(3)
        for reader in ("Sam", "Ruth")
        for mark in sheet(reader, f"VM-{case}", {methods[case]: 1, methods[7]: 2}, methods=methods)
    ]
    assert len(list(gallery(evaluate(check_marks(rows), draws=100).findings))) == 6


def test_figures_are_written_into_a_folder(findings: Findings, pictures: list[Picture], tmp_path: Path) -> None:
    write_figures(findings, tmp_path / "new" / "figures")
    written = {path.name: path.read_bytes() for path in (tmp_path / "new" / "figures").iterdir()}
    assert written == {f"{one.name}.svg": one.svg for one in pictures} | {
        f"{one.name}.png": one.png for one in pictures
    }

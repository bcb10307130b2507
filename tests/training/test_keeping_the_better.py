"""Ada's folder of checkpoints only ever gets better, and a card says what was measured on whom."""

from pathlib import Path

import numpy as np
import pytest
import torch

from inference.card import Card
from inference.checkpoint import Checkpoint, load, save
from inference.networks import NETWORKS
from training.measures.record import deciding, keep_better, metrics, recorded, write
from training.measures.scores import Figures

MEASURE = "python -m training measure weights --faces held --clefts clefts"


def checkpoint(folder: Path, seed: int) -> Checkpoint:
    torch.manual_seed(seed)
    network = NETWORKS["inclg"](width=0.125)
    card = Card(
        method="inclg",
        config=network.config,
        manifest_digest="ab" * 32,
        settings={},
        commit="0123abc",
        metrics={},
        licence="CC0-1.0",
        command="python -m training train inclg.toml faces runs/inclg",
        seed=seed,
    )
    path = folder / "inclg.safetensors"
    save(path, network.state_dict(), card)
    return load(path)


def of(psnr: float, seam: float = 1.0) -> Figures:
    three, one = np.full(3, psnr), np.ones(3)
    return Figures({"hole_psnr": three, "hole_ssim": three / 100, "jump": seam * one, "true_jump": one})


@pytest.fixture
def scores() -> dict[str, dict[str, Figures]]:
    figures = {"telea": 21.0, "navier-stokes": 20.0, "inclg": 25.0}
    return {name: {"faces": of(value), "clefts": of(value - 2, 1.5)} for name, value in figures.items()}


def test_the_card_says_own_and_classical_figures_and_over_how_many(scores) -> None:
    assert metrics("inclg", scores) == {
        "bar_over_telea_db": 3.0,
        "clefts_count": 3,
        "faces_count": 3,
        "faces_over_telea_db": 4.0,
        "clefts_over_telea_db": 4.0,
        "own_faces_hole_psnr": 25.0,
        "own_clefts_hole_psnr": 23.0,
        "own_faces_hole_ssim": 0.25,
        "own_clefts_hole_ssim": 0.23,
        "own_faces_seam": 1.0,
        "own_clefts_seam": 1.5,
        "telea_faces_hole_psnr": 21.0,
        "telea_clefts_hole_psnr": 19.0,
        "navier_stokes_faces_hole_psnr": 20.0,
        "navier_stokes_clefts_hole_psnr": 18.0,
    }


def test_a_figure_that_is_not_finite_stays_out_of_the_card(scores) -> None:
    scores["inclg"]["faces"] = of(float("inf"))
    assert "own_faces_hole_psnr" not in metrics("inclg", scores)


def test_measuring_twice_leaves_one_measuring_in_the_command(tmp_path: Path, scores) -> None:
    one = checkpoint(tmp_path, 1)
    once = recorded(one.card, metrics("inclg", scores), MEASURE)
    twice = recorded(once, metrics("inclg", scores), MEASURE)
    assert once.command == f"{one.card.command} && {MEASURE}"
    assert twice.command == once.command
    write(tmp_path, "inclg", Checkpoint(one.network, once))
    assert load(tmp_path / "inclg.safetensors").card.metrics == metrics("inclg", scores)


def test_an_empty_folder_takes_the_first_checkpoint(tmp_path: Path) -> None:
    one = checkpoint(tmp_path / "new", 1)
    said = keep_better(tmp_path / "kept", "inclg", one, 24.0, None)
    assert said.startswith("inclg: copied to")
    assert load(tmp_path / "kept" / "inclg.safetensors").card == one.card


def test_a_better_one_replaces_the_one_there(tmp_path: Path) -> None:
    checkpoint(tmp_path / "kept", 1)
    better = checkpoint(tmp_path / "new", 2)
    said = keep_better(tmp_path / "kept", "inclg", better, 25.0, 24.0)
    assert "25.00 dB; the one before had 24.00" in said
    assert load(tmp_path / "kept" / "inclg.safetensors").card.seed == 2


@pytest.mark.parametrize("own", [23.9, 24.0])
def test_one_that_is_no_better_changes_nothing(tmp_path: Path, own: float) -> None:
    checkpoint(tmp_path / "kept", 1)
    before = (tmp_path / "kept" / "inclg.safetensors").read_bytes()
    said = keep_better(tmp_path / "kept", "inclg", checkpoint(tmp_path / "new", 2), own, 24.0)
    assert said.startswith("inclg: kept the one in")
    assert (tmp_path / "kept" / "inclg.safetensors").read_bytes() == before


def test_clefts_decide_alone_or_together_with_faces(scores) -> None:
    assert deciding(scores["inclg"], "clefts") == 23
    assert deciding(scores["inclg"], "both") == 24

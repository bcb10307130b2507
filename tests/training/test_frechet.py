"""An FID is printed with Inception weights or not at all; its arithmetic is that of the definition."""

from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.linalg import sqrtm
from torch import nn

from training.errors import CommandError
from training.measures.frechet import Frechet, inception


class StandIn(nn.Module):
    """Four numbers a picture, in place of Inception's 2048."""

    num_features = 4

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        means = pictures.float().mean(dim=(2, 3))
        return torch.cat((means, pictures[:, :1, :4, :4].float().std(dim=(2, 3))), dim=1)


def pictures(seed: int, shade: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.integers(shade, shade + 90, (11, 16, 16, 3), dtype=np.uint8)


def by_definition(one: np.ndarray, other: np.ndarray) -> float:
    """|m1 - m2|^2 + trace(C1 + C2 - 2 sqrt(C1 C2)) of the stand-in's features (Heusel et al. 2017)."""
    means, covariances = [], []
    for batch in (one, other):
        features = StandIn()(torch.from_numpy(batch).permute(0, 3, 1, 2)).double().numpy()
        means.append(features.mean(axis=0))
        covariances.append(np.cov(features, rowvar=False))
    root = sqrtm(covariances[0] @ covariances[1]).real
    return float(((means[0] - means[1]) ** 2).sum() + np.trace(covariances[0] + covariances[1] - 2 * root))


def test_the_distance_is_that_of_the_definition_for_one_filler_after_the_other() -> None:
    truths, near, far = pictures(0, 60), pictures(1, 70), pictures(2, 150)
    frechet = Frechet(StandIn())
    frechet.truths(truths)
    for filled in (near, far):
        for picture in filled:
            frechet.see(picture)
        assert frechet.distance() == pytest.approx(by_definition(truths, filled), rel=1e-5)


def test_new_truths_replace_the_old_ones() -> None:
    frechet = Frechet(StandIn())
    frechet.truths(pictures(0, 150))
    frechet.truths(pictures(0, 60))
    for picture in pictures(0, 60):
        frechet.see(picture)
    assert frechet.distance() == pytest.approx(0, abs=1e-3)


def test_one_picture_has_no_distance() -> None:
    frechet = Frechet(StandIn())
    frechet.truths(pictures(0, 60))
    frechet.see(pictures(1, 60)[0])
    assert frechet.distance() is None


def test_without_the_weights_there_is_no_distance_but_a_line_that_says_where_they_are(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"does not hold the Inception weights; get .*github\.com"):
        inception(tmp_path / "none.pth")


def test_a_file_that_would_run_code_is_refused_unopened(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple:
            return (Path(tmp_path / "sprung").touch, ())

    torch.save({"weight": Trap()}, tmp_path / "trap.pth")
    with pytest.raises(CommandError, match="does not hold the Inception weights"):
        inception(tmp_path / "trap.pth")
    assert not (tmp_path / "sprung").exists()


def test_other_weights_are_refused(tmp_path: Path) -> None:
    torch.save({"weight": torch.zeros(1)}, tmp_path / "other.pth")
    with pytest.raises(CommandError, match="does not hold the Inception weights"):
        inception(tmp_path / "other.pth")

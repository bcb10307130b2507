"""What becomes of figures: into the cards, and the better of two checkpoints into a folder.

From the figures of training.measures.scores to the files of inference.checkpoint.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from inference.checkpoint import SUFFIX, Card, Checkpoint, save
from training.measures.fillers import CLASSICAL
from training.measures.scores import Figures

PLACES = 4
BAR_DB = 3.0  # what a checkpoint that ships should gain over Telea, on faces and on clefts
TRAINED_AND = " && "
BY = {"faces": ("faces",), "clefts": ("clefts",), "both": ("faces", "clefts")}


def metrics(method: str, scores: Mapping[str, Mapping[str, Figures]]) -> dict[str, float]:
    """A card's figures: own and classical ones in the hole, and over how many pictures; only finite numbers.

    `bar_over_telea_db` stands beside each `..._over_telea_db`, so that a card itself says where it falls short.
    """
    found: dict[str, float] = {"bar_over_telea_db": BAR_DB}
    for kind, own in scores[method].items():
        found[f"{kind}_count"] = len(own)
        found[f"own_{kind}_hole_ssim"] = float(own.values["hole_ssim"].mean())
        found[f"own_{kind}_seam"] = own.seam
        for name, filler in (("own", method), *((name, name) for name in CLASSICAL)):
            found[f"{name.replace('-', '_')}_{kind}_hole_psnr"] = float(scores[filler][kind].values["hole_psnr"].mean())
        found[f"{kind}_over_telea_db"] = found[f"own_{kind}_hole_psnr"] - found[f"telea_{kind}_hole_psnr"]
    return {name: round(value, PLACES) for name, value in found.items() if np.isfinite(value)}


def recorded(card: Card, figures: Mapping[str, float], command: str) -> Card:
    """The card with these figures; its command now repeats the measuring too, after the training."""
    trained = card.command.split(TRAINED_AND)[0]
    return replace(card, metrics=dict(figures), command=f"{trained}{TRAINED_AND}{command}", sha256=None)


def write(folder: Path, method: str, checkpoint: Checkpoint) -> None:
    """Save the checkpoint with its card; its weights stay what they are."""
    save(folder / f"{method}{SUFFIX}", checkpoint.network.cpu().state_dict(), checkpoint.card)


def deciding(scores: Mapping[str, Figures], by: str) -> float:
    """The hole PSNR that decides: on clefts alone, or the mean of faces and clefts, each kind with the same weight."""
    return float(np.mean([scores[kind].values["hole_psnr"].mean() for kind in BY[by]]))


def keep_better(target: Path, method: str, checkpoint: Checkpoint, own: float, there: float | None) -> str:
    """Copy a checkpoint into `target` only if its figure beats that of the one there; says what was done and why.

    own and there: dB on the same questions; `there` is None where the target holds no such checkpoint.
    """
    if there is not None and own <= there:
        return f"{method}: kept the one in {target} ({there:.2f} dB; the new one has {own:.2f})"
    write(target, method, checkpoint)
    before = "there was none" if there is None else f"the one before had {there:.2f}"
    return f"{method}: copied to {target} ({own:.2f} dB; {before})"

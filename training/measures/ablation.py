"""What landmarks and gates bring to INCLG at one size: its variants, trained from several seeds, and a plain sentence.

From checkpoints of training.commands.ablate to rows of Table IV, their spread over seeds, and what may be concluded.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.stats import t

from inference.card import CheckpointError
from inference.checkpoint import Checkpoint, load
from training.errors import CommandError
from training.measures.grid import Grid
from training.measures.scores import CONFIDENCE

# The rows of the feasibility paper's Table IV, as switches of the network.
VARIANTS: Mapping[str, Mapping[str, bool]] = {
    "baseline": {"gated": False, "landmarks": False},
    "landmarks": {"gated": False, "landmarks": True},
    "gated": {"gated": True, "landmarks": True},
}
STEPS = (("landmarks", "baseline", "The landmarks"), ("gated", "landmarks", "The gates"))


@dataclass(frozen=True)
class Trained:
    """One finished run of the ablation."""

    variant: str
    seed: int
    checkpoint: Checkpoint


def variant_of(config: Mapping[str, float | bool]) -> str | None:
    """The row that a network of this config belongs to; None for a combination that Table IV does not have."""
    switches = {name: bool(config.get(name, True)) for name in ("gated", "landmarks")}
    return next((name for name, wanted in VARIANTS.items() if wanted == switches), None)


def read_ablation(folder: Path, device: str = "cpu") -> list[Trained]:
    """Every checkpoint of INCLG below the folder, by variant and seed. Raises CommandError where there is none."""
    found = []
    try:
        for path in sorted(folder.rglob("inclg.safetensors")):
            checkpoint = load(path)
            checkpoint.network.to(device)
            if variant := variant_of(checkpoint.card.config):
                found.append(Trained(variant, checkpoint.card.seed, checkpoint))
    except CheckpointError as error:
        raise CommandError(str(error)) from error
    if not found:
        raise CommandError(f"{folder} holds no variant of INCLG; train them with `python -m training ablate`")
    return found


def ablation_grid(found: Mapping[str, Mapping[int, float]], people: str) -> Grid:
    """Hole PSNR per variant (rows) and seed (columns), mean and standard deviation, and the conclusions as notes.

    people: whom it was measured on, for the title.
    """
    seeds = sorted({seed for values in found.values() for seed in values})
    rows = []
    for variant in [name for name in VARIANTS if name in found]:
        values = found[variant]
        single = (f"{values[seed]:.2f}" if seed in values else "" for seed in seeds)
        spread = f" ± {np.std(list(values.values()), ddof=1):.2f}" if len(values) > 1 else ""
        rows.append((variant, *single, f"{np.mean(list(values.values())):.2f}{spread}"))
    heads = ("variant", *(f"seed {seed}, dB" for seed in seeds), "mean ± spread")
    title = f"Ablation of INCLG: PSNR in the hole by seed, {people}"
    return Grid("ablation", title, heads, tuple(rows), tuple(conclusions(found)))


def conclusions(found: Mapping[str, Mapping[int, float]]) -> list[str]:
    """One sentence per step of the table that was trained on both sides."""
    return [
        conclusion(subject, [found[more][seed] - found[less][seed] for seed in shared])
        for more, less, subject in STEPS
        if (shared := sorted(found.get(more, {}).keys() & found.get(less, {}).keys()))
    ]


def conclusion(subject: str, gains: Sequence[float]) -> str:
    """What the gains in dB, one per seed with both sides trained alike, allow to say: a t interval decides."""
    mean, count = float(np.mean(gains)), len(gains)
    if count < 2:
        return f"{subject}: {mean:+.2f} dB from one seed, which says nothing of chance."
    half = float(t.ppf((1 + CONFIDENCE) / 2, count - 1) * np.std(gains, ddof=1) / np.sqrt(count))
    verdict = "help" if mean > half else "harm" if -mean > half else "make no difference that shows"
    bounds = f"{mean - half:+.2f} to {mean + half:+.2f}"
    return f"{subject} {verdict} at this size: {mean:+.2f} dB, 95 % interval {bounds}, {count} seeds."

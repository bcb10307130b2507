"""The command `bench`: training speed of the loop against a plain eager fp32 step of the same network, in the same run.

From pictures of noise to one Markdown table of medians with their ranges; loop, reference and the drawing of batches
take turns, so that a machine whose speed drifts slows all alike. The reference computes every layer as its paper writes
it; the loop runs in bf16 and in the quicker ways of inference.networks, with `--compile` through torch's compiler too.
"""

import argparse
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, replace
from statistics import median

import numpy as np
import torch
from tqdm import tqdm

from inference.networks.layers import plainly
from training.data.batches import Batch, Samples
from training.data.faces import Faces
from training.errors import CommandError
from training.loop import Run
from training.recipes import RECIPES
from training.settings import Settings, settings_from

NAME = "bench"
SUMMARY = "training speed against a plain fp32 step of the same network"

BATCH = 4
PEOPLE = 8
SIZE = 256
RATIOS = ("faster loop / plain", "batches / faster loop")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `bench`."""
    parser.add_argument(
        "--methods", nargs="+", choices=tuple(RECIPES), default=tuple(RECIPES), help="default: all four"
    )
    parser.add_argument(
        "--widths", type=float, nargs="+", default=[0.25], help="of the networks, 1 = published (default 0.25)"
    )
    parser.add_argument(
        "--rounds", type=int, default=5, help="counted turns of each, after one that is not (default 5)"
    )
    parser.add_argument("--threads", type=int, default=2, help="CPU threads (default 2)")
    parser.add_argument(
        "--compile", action="store_true", help="also through torch's compiler, after some minutes' work"
    )


def run(arguments: argparse.Namespace) -> None:
    """Time every method and print the table."""
    if arguments.rounds < 1:
        raise CommandError(f"--rounds is 1 or more, not {arguments.rounds}")
    torch.set_num_threads(arguments.threads)
    # As `train` does: numbers next to nothing would slow both sides down and hide the difference.
    torch.set_flush_denormal(True)
    print(table_line("method, width", *(f"{name}, images/s" for name in ways(arguments.compile)), *RATIOS))
    print(table_line("---", *["---:"] * (len(ways(arguments.compile)) + len(RATIOS))))
    for method, width in tqdm([(m, w) for w in arguments.widths for m in arguments.methods], unit="row"):
        tqdm.write(line(method, width, arguments.rounds, compiled=arguments.compile))


@dataclass(frozen=True)
class Speed:
    """Images per second over several turns."""

    turns: list[float]

    @property
    def middle(self) -> float:
        """The median."""
        return median(self.turns)

    @property
    def text(self) -> str:
        """The median and the slowest and fastest turn."""
        return f"{self.middle:.2f} ({min(self.turns):.2f} to {max(self.turns):.2f})"


def ways(compiled: bool) -> list[str]:
    """What takes turns, the reference last but one."""
    return ["loop", *(["compiled loop"] if compiled else []), "plain fp32", "batches"]


def line(method: str, width: float, rounds: int, *, compiled: bool = False) -> str:
    """One row: speeds of the loop, of the reference and of drawing batches, the first turn of each not counted."""
    loop = bench_settings(method, width, rounds + 1)
    runs = {"loop": Run(loop), "plain fp32": Run(replace(loop, precision="fp32"))}
    if compiled:
        runs["compiled loop"] = Run(replace(loop, compile=True))
    samples = Samples(anyone(), loop)
    taken: dict[str, list[float]] = {name: [] for name in ways(compiled)}
    for step in range(rounds + 1):
        began = time.perf_counter()
        batch = samples[step]
        taken["batches"].append(time.perf_counter() - began)
        for name, one in runs.items():
            with plainly() if name == "plain fp32" else nullcontext():
                taken[name].append(timed(lambda one=one, batch=batch: learn(one, batch)))  # type: ignore[misc]
    speeds = {name: Speed([BATCH / s for s in seconds[1:]]) for name, seconds in taken.items()}
    best = max(speeds[name].middle for name in runs if name != "plain fp32")
    ratios = f"{best / speeds['plain fp32'].middle:.2f}", f"{speeds['batches'].middle / best:.1f}"
    return table_line(f"{method}, {width:g}", *(speed.text for speed in speeds.values()), *ratios)


def table_line(*cells: str) -> str:
    """One line of a Markdown table."""
    return f"| {' | '.join(cells)} |"


def bench_settings(method: str, width: float, steps: int) -> Settings:
    """A run of this method at full picture size, in bf16."""
    phases = [{"steps": steps, "size": SIZE, "batch": BATCH}]
    return settings_from({"method": method, "network": {"width": width}, "precision": "bf16", "phases": phases})


def anyone() -> Faces:
    """Pictures of noise with landmarks where a face would have them: speed does not depend on beauty."""
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (PEOPLE, 256, 256, 3), dtype=np.uint8)
    return Faces(images, rng.uniform(60, 200, (PEOPLE, 68, 2)).astype(np.float32), "0" * 64)


def learn(one: Run, batch: Batch) -> dict[str, float]:
    """One step of a run."""
    return one.learn(batch, *one.settings.phase_at(one.step))


def timed(work: Callable[[], object]) -> float:
    """Seconds that the work takes on the wall clock."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began

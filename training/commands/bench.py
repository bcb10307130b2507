"""The command `bench`: training speed of the loop against a plain eager fp32 step of the same network, in the same run.

From pictures of noise to one Markdown table; loop and reference take turns, so that a machine whose
speed drifts slows both alike.
"""

import argparse
import time
from collections.abc import Callable
from statistics import median

import numpy as np
import torch
from tqdm import tqdm

from training.batches import Batch, Samples
from training.errors import CommandError
from training.faces import Faces
from training.loop import Run
from training.recipes import RECIPES
from training.settings import Settings, settings_from

NAME = "bench"
SUMMARY = "training speed against a plain fp32 step of the same network"

BATCH = 4
PEOPLE = 8


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `bench`."""
    parser.add_argument(
        "--methods", nargs="+", choices=tuple(RECIPES), default=tuple(RECIPES), help="default: all four"
    )
    parser.add_argument("--width", type=float, default=0.25, help="of the networks, 1 = published (default 0.25)")
    parser.add_argument(
        "--rounds", type=int, default=5, help="counted turns of each, after one that is not (default 5)"
    )
    parser.add_argument("--threads", type=int, default=2, help="CPU threads (default 2)")


def run(arguments: argparse.Namespace) -> None:
    """Time every method and print the table."""
    if arguments.rounds < 1:
        raise CommandError(f"--rounds is 1 or more, not {arguments.rounds}")
    torch.set_num_threads(arguments.threads)
    print("| method | loop, images/s | plain fp32, images/s | times as fast | batches drawn, images/s |")
    print("|---|---:|---:|---:|---:|")
    for method in tqdm(arguments.methods, unit="method"):
        tqdm.write(line(method, arguments.width, arguments.rounds))


def line(method: str, width: float, rounds: int) -> str:
    """One row: median speeds of the loop, of the reference and of drawing batches alone."""
    settings = {precision: bench_settings(method, width, rounds + 1, precision) for precision in ("bf16", "fp32")}
    samples = Samples(anyone(), settings["bf16"])
    drawn = [timed(lambda step=step: samples[step]) for step in range(rounds + 1)]  # type: ignore[misc]
    runs = {precision: Run(chosen) for precision, chosen in settings.items()}
    taken: dict[str, list[float]] = {precision: [] for precision in runs}
    for step in range(rounds + 1):
        batch = samples[step]
        for precision, one in runs.items():
            taken[precision].append(timed(lambda one=one, batch=batch: learn(one, batch)))  # type: ignore[misc]
    loop, plain, drawing = (BATCH / median(seconds[1:]) for seconds in (taken["bf16"], taken["fp32"], drawn))
    return f"| {method} | {loop:.2f} | {plain:.2f} | {loop / plain:.2f} | {drawing:.1f} |"


def bench_settings(method: str, width: float, steps: int, precision: str) -> Settings:
    """A run of this method at full picture size."""
    phases = [{"steps": steps, "size": 256, "batch": BATCH}]
    return settings_from({"method": method, "network": {"width": width}, "precision": precision, "phases": phases})


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

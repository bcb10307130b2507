"""The command `ablate`: what landmarks and gates bring to INCLG at the size of a recipe, over several seeds.

From one TOML file, through training.loop, to a run's folder per variant and seed, and a table with a plain conclusion.
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from inference.card import CheckpointError
from inference.checkpoint import load, save
from training.commands.choosing import add_settings, repeated, settings_of
from training.commands.train import card_of
from training.data.mixture import People
from training.data.opening import open_data
from training.errors import CommandError
from training.loop import train
from training.loop.saving import FREE
from training.measures.ablation import VARIANTS, ablation_grid, read_ablation
from training.measures.fillers import by_network
from training.measures.grid import markdown, write
from training.measures.questions import HELD_SPLIT, Question, cleft_questions, face_questions
from training.measures.scores import figures
from training.settings import Settings

NAME = "ablate"
SUMMARY = "train INCLG with and without landmarks and gates, over several seeds, and compare"

LIMIT = 500


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `ablate`."""
    add_settings(parser)
    parser.add_argument(
        "faces", metavar="FACES", type=Path, help="a folder to learn from, or the one under which [[data]] lies"
    )
    parser.add_argument("out", metavar="OUT", type=Path, help="one folder per variant and seed is made in it")
    parser.add_argument("--held", type=Path, help="held-out people to measure on; without them it only trains")
    parser.add_argument("--split", help=f"of people that `prepare` wrote (default {HELD_SPLIT})")
    parser.add_argument("--clefts", type=Path, help="measure on these patients instead of on held-out faces")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3], help="default 1 2 3")
    parser.add_argument("--variants", nargs="+", choices=tuple(VARIANTS), default=tuple(VARIANTS), help="default all")
    parser.add_argument("--limit", type=int, default=LIMIT, help=f"at most so many people (default {LIMIT})")
    parser.add_argument("--tables", type=Path, help="a folder for the table as Markdown, CSV and LaTeX")


def run(arguments: argparse.Namespace) -> None:
    """Train what is not trained yet, one run after the other, then measure all and print the table."""
    if min(*arguments.seeds, arguments.limit - 1, arguments.threads - 1) < 0:
        raise CommandError("--seeds are 0 or more, --limit and --threads 1 or more")
    settings = settings_of(arguments)
    if settings.method != "inclg":
        raise CommandError(f"{arguments.settings} is for {settings.method}; only INCLG has these switches")
    faces = open_data(settings, arguments.faces)
    questions = asked(arguments)
    for seed in arguments.seeds:
        for variant in arguments.variants:
            train_variant(
                arguments, variant_settings(settings, variant, seed), faces, arguments.out / f"{variant}-{seed}"
            )
    if questions:
        report(arguments, questions)


def variant_settings(settings: Settings, variant: str, seed: int) -> Settings:
    """The recipe with this variant's switches and this seed; all else, the order of batches included, stays its own."""
    return replace(settings, seed=seed, network={**settings.network, **VARIANTS[variant]})


def train_variant(arguments: argparse.Namespace, settings: Settings, faces: People, folder: Path) -> None:
    """One run to its checkpoint; a finished one is left as it is, an interrupted one goes on.

    Raises CommandError where the folder holds a checkpoint of other settings or faces.
    """
    path = folder / "inclg.safetensors"
    if path.exists():
        check_same(path, settings, faces)
        return
    print(folder.name)
    finished = train(
        settings, faces, folder, device=arguments.device, workers=arguments.workers, command=command(arguments)
    )
    save(path, finished.average.state_dict(), card_of(finished))


def check_same(path: Path, settings: Settings, faces: People) -> None:
    """Raises CommandError unless the checkpoint learnt by these settings and from these faces."""
    try:
        card = load(path).card
    except CheckpointError as error:
        raise CommandError(str(error)) from error
    wanted = json.loads(json.dumps(settings.as_dict()))
    differing = sorted(key for key in wanted if key not in FREE and card.settings.get(key) != wanted[key])
    if card.manifest_digest != faces.manifest_digest:
        differing.append("faces")
    if differing:
        raise CommandError(f"{path} was trained with another {differing[0]}; give another folder, or remove that run")


def report(arguments: argparse.Namespace, questions: Sequence[Question]) -> None:
    """Measure every variant and seed that was asked for on the same questions and print what follows."""
    found: dict[str, dict[int, float]] = {}
    wanted = {(variant, seed) for variant in arguments.variants for seed in arguments.seeds}
    for one in read_ablation(arguments.out, arguments.device):
        if (one.variant, one.seed) not in wanted:
            continue
        fill = by_network(one.checkpoint.network)
        measured = figures(fill, questions, name=f"{one.variant}, seed {one.seed}", quiet=False)
        found.setdefault(one.variant, {})[one.seed] = float(measured.values["hole_psnr"].mean())
    grid = ablation_grid(found, f"{len(questions)} of {arguments.clefts or arguments.held}")
    print(markdown(grid))
    if arguments.tables:
        write(grid, arguments.tables)


def asked(arguments: argparse.Namespace) -> Sequence[Question]:
    """Patients where they are given, else held-out faces with clinical holes; none where neither is given."""
    if arguments.clefts:
        return cleft_questions(arguments.clefts, arguments.limit)
    if not arguments.held:
        return []
    return face_questions(arguments.held, limit=arguments.limit, split=arguments.split)


def command(arguments: argparse.Namespace) -> str:
    """The command line that repeats the trainings from the repository's root."""
    return repeated(NAME, arguments, "--seeds", *map(str, arguments.seeds), "--variants", *arguments.variants)

"""The command `measure`: checkpoints against classical inpainting, on held-out faces and on clefts with known truth.

From a folder of checkpoints to Markdown tables, optionally into files and cards, onto a contact sheet, and into the
folder of the better checkpoints.
"""

import argparse
import shlex
from collections.abc import Mapping
from pathlib import Path

import cv2
import torch

from inference.card import CheckpointError
from inference.checkpoint import SUFFIX, Checkpoint, load
from inference.networks import NETWORKS
from training.commands.choosing import check_device
from training.commands.paper_side import read_paper_side
from training.errors import CommandError
from training.holes.files import TO_VALIDATE
from training.measures import record, report
from training.measures.contact_sheet import contact_sheet
from training.measures.fillers import BATCH, CLASSICAL, Fill, by_network, kept
from training.measures.grid import markdown, write
from training.measures.paper_tables import PUBLISHED
from training.measures.questions import HELD_SPLIT, Question, cleft_questions, face_questions
from training.measures.scores import Figures, figures

NAME = "measure"
SUMMARY = "compare checkpoints with classical inpainting on held-out people"

LIMIT = 500
SHOWN_FACES, SHOWN_CLEFTS = 6, 8


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `measure`."""
    parser.add_argument("checkpoints", metavar="FOLDER", type=Path, help="where <method>.safetensors and cards lie")
    parser.add_argument(
        "--faces", type=Path, required=True, help="held-out people, of `synth --kind face` or `prepare`"
    )
    parser.add_argument("--split", help=f"of faces that `prepare` wrote (default {HELD_SPLIT})")
    parser.add_argument("--clefts", type=Path, help="patients, written by `synth --kind cleft`")
    parser.add_argument("--against", type=Path, help="another folder of checkpoints to measure beside these")
    parser.add_argument("--limit", type=int, default=LIMIT, help=f"at most so many people of a kind (default {LIMIT})")
    parser.add_argument("--device", default="cpu", help="cpu (default) or cuda")
    parser.add_argument("--threads", type=int, default=2, help="CPU threads (default 2)")
    parser.add_argument("--batch", type=int, default=BATCH, help=f"pictures a network fills at once (default {BATCH})")
    parser.add_argument("--cache", type=Path, help="a folder that keeps what the classical inpainters answered")
    parser.add_argument("--record", action="store_true", help="write the figures into the cards")
    parser.add_argument("--sheet", type=Path, help="a picture file for a contact sheet of the first people")
    parser.add_argument("--mouths", action="store_true", help="show the holes alone on the sheet, enlarged")
    parser.add_argument("--tables", type=Path, help="a folder for all tables, and for Tables III and IV of the paper")
    parser.add_argument("--masks", type=Path, help="mask files for the groups of holes, else they are drawn")
    parser.add_argument(
        "--per-group", type=int, default=TO_VALIDATE, help=f"of them, to validate with (default {TO_VALIDATE})"
    )
    parser.add_argument("--ablation", type=Path, help="the folder of `ablate`, for our side of Table IV")
    parser.add_argument("--inception", type=Path, help="Inception weights; without them no FID is printed")
    parser.add_argument(
        "--paper", type=Path, default=PUBLISHED, help="the papers' figures (default: the CSV kept here)"
    )
    parser.add_argument("--keep-better", metavar="TARGET", type=Path, help="copy what beats the checkpoints there")
    parser.add_argument("--by", choices=tuple(record.BY), help="what decides that (default: clefts, where given)")


def run(arguments: argparse.Namespace) -> None:
    """Measure every checkpoint of the folder, print the tables, and do with the figures what is asked for."""
    check(arguments)
    torch.set_num_threads(arguments.threads)
    # The attention's weights are mostly next to nothing; without this a compact network takes ten times as long.
    torch.set_flush_denormal(True)
    cv2.setNumThreads(arguments.threads)
    found = checkpoints(arguments.checkpoints, arguments.device)
    if not found:
        raise CommandError(f"{arguments.checkpoints} holds no checkpoint; train one with `python -m training train`")
    questions = {"faces": face_questions(arguments.faces, limit=arguments.limit, split=arguments.split)}
    if arguments.clefts:
        questions["clefts"] = cleft_questions(arguments.clefts, arguments.limit)
    papers = read_paper_side(arguments) if arguments.tables else None
    fills = all_fills(arguments, found)
    scores = {
        name: {kind: figures(fill, asked, name=f"{name}, {kind}", quiet=False) for kind, asked in questions.items()}
        for name, fill in fills.items()
    }
    grids = report.grids(scores, questions.get("clefts", []))
    if papers:
        grids += papers.grids(fills, found)
    for grid in grids:
        print(markdown(grid))
        if arguments.tables:
            write(grid, arguments.tables)
    if arguments.sheet:
        draw(arguments, fills, questions)
    finish(arguments, found, scores)


def check(arguments: argparse.Namespace) -> None:
    """Raises CommandError for arguments that make no sense, and sets what is decided by others."""
    for name in ("limit", "threads", "batch", "per_group"):
        if getattr(arguments, name) < 1:
            raise CommandError(f"--{name.replace('_', '-')} is 1 or more, not {getattr(arguments, name)}")
    check_device(arguments.device)
    if arguments.sheet and not arguments.sheet.parent.is_dir():
        raise CommandError(f"--sheet: there is no folder {arguments.sheet.parent}; make it, or name another")
    arguments.by = arguments.by or ("clefts" if arguments.clefts else "faces")
    if not arguments.clefts and "clefts" in record.BY[arguments.by]:
        raise CommandError(f"--by {arguments.by} needs patients: give --clefts, or decide --by faces")


def checkpoints(folder: Path, device: str) -> dict[str, Checkpoint]:
    """The checkpoints of a folder by method, in the house's order; CommandError for one that cannot be used."""
    try:
        found = {name: load(path) for name in NETWORKS if (path := folder / f"{name}{SUFFIX}").exists()}
    except CheckpointError as error:
        raise CommandError(str(error)) from error
    for one in found.values():
        one.network.to(device)
    return found


def all_fills(arguments: argparse.Namespace, found: Mapping[str, Checkpoint]) -> dict[str, Fill]:
    """The classical inpainters, the checkpoints, and those of the other folders under the folder's name."""
    cache = arguments.cache
    fills = {name: kept(name, fill, cache) if cache else fill for name, fill in CLASSICAL.items()}
    fills |= {name: by_network(one.network, arguments.batch) for name, one in found.items()}
    for folder in dict.fromkeys(folder for folder in (arguments.against, arguments.keep_better) if folder):
        for name, one in checkpoints(folder, arguments.device).items():
            fills[beside(name, folder)] = by_network(one.network, arguments.batch)
    return fills


def beside(method: str, folder: Path) -> str:
    """What a table calls a method's checkpoint of another folder."""
    return f"{method} ({folder})"


def draw(arguments: argparse.Namespace, fills: Mapping[str, Fill], questions: Mapping[str, list[Question]]) -> None:
    """The contact sheet of the first people, without Navier-Stokes, which looks like Telea."""
    shown = [*questions["faces"][:SHOWN_FACES], *questions.get("clefts", [])[:SHOWN_CLEFTS]]
    columns = {name: fill for name, fill in fills.items() if name != "navier-stokes"}
    picture = contact_sheet(shown, columns, mouths=arguments.mouths)
    if not cv2.imwrite(str(arguments.sheet), picture[..., ::-1]):
        raise CommandError(f"{arguments.sheet} cannot be written; give a .png or .jpg file in a folder that exists")


def finish(
    arguments: argparse.Namespace, found: Mapping[str, Checkpoint], scores: Mapping[str, Mapping[str, Figures]]
) -> None:
    """Write the cards, and copy what is better."""
    for method, one in found.items():
        measured = Checkpoint(
            one.network, record.recorded(one.card, record.metrics(method, scores), command(arguments))
        )
        if arguments.record:
            record.write(arguments.checkpoints, method, measured)
        if target := arguments.keep_better:
            there = scores.get(beside(method, target))
            own = record.deciding(scores[method], arguments.by)
            before = None if there is None else record.deciding(there, arguments.by)
            print(record.keep_better(target, method, measured, own, before))


def command(arguments: argparse.Namespace) -> str:
    """The command line that repeats these figures from the repository's root."""
    parts = ["python", "-m", "training", NAME, str(arguments.checkpoints), "--faces", str(arguments.faces)]
    clefts = ["--clefts", str(arguments.clefts)] if arguments.clefts else []
    split = ["--split", arguments.split] if arguments.split else []
    return shlex.join([*parts, *split, *clefts, "--limit", str(arguments.limit)])

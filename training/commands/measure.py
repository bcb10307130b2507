"""The command `measure`: checkpoints against classical inpainting, on held-out faces and on clefts with known truth.

From a folder of checkpoints to a Markdown table, optionally into the cards (`--record`) and onto a contact sheet.
"""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import torch
from tqdm import tqdm

from inference.checkpoint import Checkpoint, load, save
from inference.networks import NETWORKS, InpaintingNetwork
from training.contact_sheet import contact_sheet
from training.errors import CommandError
from training.faces import read_clefts, read_faces
from training.measures import Fill, Hole, Image, Question, Score, navier_stokes, score, telea
from training.synthetic.clinical_mask import clinical_hole

NAME = "measure"
SUMMARY = "compare checkpoints with classical inpainting on held-out people"

CLASSICAL: Mapping[str, Fill] = {"telea": telea, "navier-stokes": navier_stokes}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `measure`."""
    parser.add_argument("checkpoints", metavar="FOLDER", type=Path, help="where <method>.safetensors and cards lie")
    parser.add_argument("--faces", type=Path, required=True, help="held-out people, written by `synth --kind face`")
    parser.add_argument("--clefts", type=Path, required=True, help="patients, written by `synth --kind cleft`")
    parser.add_argument("--record", action="store_true", help="write the figures into the cards")
    parser.add_argument("--sheet", type=Path, help="a PNG file for a contact sheet of the first patients")


def run(arguments: argparse.Namespace) -> None:
    """Measure every checkpoint of the folder and print one table."""
    questions = {"faces": face_questions(arguments.faces), "clefts": cleft_questions(arguments.clefts)}
    found = {path.stem: load(path) for path in sorted(arguments.checkpoints.glob("*.safetensors"))}
    if not found:
        raise CommandError(f"{arguments.checkpoints} holds no checkpoint; train one with `python -m training train`")
    fills = {**CLASSICAL, **{m: filler(found[m].network) for m in NETWORKS if m in found}}
    scores = {
        name: {kind: score(fill, asked) for kind, asked in questions.items()}
        for name, fill in tqdm(fills.items(), unit="filler")
    }
    print(table(scores))
    if arguments.record:
        for method, checkpoint in found.items():
            record(arguments.checkpoints / f"{method}.safetensors", checkpoint, scores)
    if arguments.sheet:
        shown = [*questions["faces"][:6], *questions["clefts"][:8]]
        picture = contact_sheet(shown, {name: fills[name] for name in fills if name != "navier-stokes"})
        cv2.imwrite(str(arguments.sheet), picture[..., ::-1])


def face_questions(folder: Path) -> list[Question]:
    """Each held-out face with one clinical hole, drawn by a generator seeded with the face's place in the folder."""
    faces = read_faces(folder)
    return [
        Question(image, clinical_hole(points, np.random.default_rng(number)), image)
        for number, (image, points) in enumerate(zip(faces.images, faces.landmarks, strict=True))
    ]


def cleft_questions(folder: Path) -> list[Question]:
    """Each patient with the mask drawn over the cleft; the truth is the same person rendered without it."""
    return [Question(cleft.image, cleft.hole, cleft.truth) for cleft in read_clefts(folder)]


def filler(network: InpaintingNetwork) -> Fill:
    """A network in evaluation mode as a function of bytes, compositing inside the hole."""

    def fill(image: Image, hole: Hole) -> Image:
        picture = torch.from_numpy(image).permute(2, 0, 1).unsqueeze(0).float() / 255
        with torch.inference_mode():
            answer = network(picture, torch.from_numpy(hole)[None, None].float()).image[0]
        painted = (answer.permute(1, 2, 0).numpy() * 255).clip(0, 255).astype(np.uint8)
        return np.where(hole[..., None], painted, image)

    return fill


def table(scores: Mapping[str, Mapping[str, Score]]) -> str:
    """PSNR in the hole per filler and kind of question, and its gain over Telea, as Markdown."""
    kinds: Sequence[str] = list(next(iter(scores.values())))
    head = " | ".join(f"{kind}, N = {scores['telea'][kind].count} | over Telea" for kind in kinds)
    lines = [f"| PSNR in the hole, dB | {head} |", "|---" + "|---:|---:" * len(kinds) + "|"]
    for name, found in scores.items():
        cells = (f"{found[k].mean:.2f} ± {found[k].spread:.2f} | {gain(scores, name, k):+.2f}" for k in kinds)
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def gain(scores: Mapping[str, Mapping[str, Score]], name: str, kind: str) -> float:
    """How many dB better than Telea, on average."""
    return scores[name][kind].mean - scores["telea"][kind].mean


def record(path: Path, checkpoint: Checkpoint, scores: Mapping[str, Mapping[str, Score]]) -> None:
    """Save the checkpoint again with its figures, and Telea's on the same pictures, in its card."""
    metrics = {
        f"{name}_{kind}_hole_psnr": round(scores[filler][kind].mean, 3)
        for name, filler in (("own", path.stem), ("telea", "telea"))
        for kind in scores[filler]
    }
    save(path, checkpoint.network.state_dict(), replace(checkpoint.card, metrics=metrics, sha256=None))

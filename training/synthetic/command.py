"""The command `synth`: write synthetic faces or cleft patients with landmarks, masks, truths and a manifest.

From `python -m training synth` to files on disk; the same arguments give the same bytes.
"""

import argparse
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from training.errors import CommandError
from training.manifest import entry, heading, write_table
from training.manifest.own_folder import begun, put
from training.synthetic.camera import FRAMINGS, Framing
from training.synthetic.clinical_mask import draw_clefts
from training.synthetic.dataset import in_order
from training.synthetic.person import person
from training.synthetic.photograph import Photograph, photograph
from training.synthetic.shape import KINDS, Kind
from training.synthetic.streams import stream

NAME = "synth"
SUMMARY = "write synthetic faces or cleft patients"

JPEG_QUALITY = 95
LICENCE = "CC0-1.0"
PORTRAYING = ("image", "truth")
SOURCE = "rendered by training.synthetic from the CC0 MakeHuman mesh and targets; nobody is depicted"


@dataclass(frozen=True)
class Order:
    """One person to write into `folder`: with a cleft or not, at (width, height), photograph as `form`."""

    folder: Path
    seed: int
    cleft: bool
    size: tuple[int, int]
    people: Kind | None
    framing: Framing
    form: str

    @property
    def name(self) -> str:
        """Every file of this person begins with it."""
        return f"{'cleft' if self.cleft else 'face'}-{self.seed:06d}"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `synth`."""
    parser.add_argument("out", metavar="OUT", type=Path, help="folder to write into")
    parser.add_argument(
        "--kind", choices=("face", "cleft"), required=True, help="faces alone, or patients with a cleft"
    )
    parser.add_argument("--n", type=int, required=True, help="how many people")
    parser.add_argument("--seed", type=int, default=0, help="seed of the first person; the others follow it")
    parser.add_argument("--size", default="256", help="side, or WIDTHxHEIGHT (default 256)")
    parser.add_argument("--people", choices=KINDS, help="only people of this kind")
    parser.add_argument("--framing", choices=FRAMINGS, default="tight", help="brow to chin, or head and shoulders")
    parser.add_argument("--format", choices=("png", "jpg"), default="png", help="of the photographs (default png)")
    parser.add_argument("--workers", type=int, default=2, help="processes (default 2)")


def run(arguments: argparse.Namespace) -> None:
    """Write what is missing, then the manifest; raises CommandError for arguments that make no sense."""
    size = parse_size(arguments.size)
    for name, least in (("n", 1), ("seed", 0), ("workers", 1)):
        value = getattr(arguments, name)
        if value < least:
            raise CommandError(f"--{name} is {least} or more, not {value}")
    folder: Path = arguments.out
    orders = [
        Order(folder, seed, arguments.kind == "cleft", size, arguments.people, arguments.framing, arguments.format)
        for seed in range(arguments.seed, arguments.seed + arguments.n)
    ]
    settings = {
        "kind": arguments.kind,
        "n": arguments.n,
        "seed": arguments.seed,
        "size": list(size),
        "people": arguments.people,
        "framing": arguments.framing,
        "format": arguments.format,
    }
    try:
        fresh = _write_all(folder, settings, orders, arguments.workers)
    except OSError as error:
        raise CommandError(f"cannot write into {folder}: {error.strerror}; choose another folder") from error
    print(f"{len(orders)} people in {folder} ({fresh} new)")


def _write_all(folder: Path, settings: dict[str, object], orders: list[Order], workers: int) -> int:
    """Write every person that is not there yet, then the manifest; returns how many were new."""
    begun(folder, settings, "people")
    missing = [order for order in orders if not _is_written(order)]
    written = in_order(write, missing, workers)
    for _ in tqdm(written, total=len(orders), initial=len(orders) - len(missing), unit="person", mininterval=1):
        pass
    _write_manifest(folder, settings, orders)
    return len(missing)


def _is_written(order: Order) -> bool:
    """The record comes last, so where it stands the files did too; they may have been taken away since."""
    if not _record_path(order).exists():
        return False
    files = json.loads(_record_path(order).read_text())["files"].values()
    return all((order.folder / file["name"]).exists() for file in files)


def parse_size(text: str) -> tuple[int, int]:
    """Read `256` or `3072x2048` as (width, height); raises CommandError for anything else."""
    parts = text.lower().split("x")
    if len(parts) > 2 or not all(part.isdecimal() for part in parts):
        raise CommandError(f"--size is a side such as 256 or WIDTHxHEIGHT such as 3072x2048, not {text!r}")
    width, height = int(parts[0]), int(parts[-1])
    if min(width, height) < 32 or max(width, height) > 8192:
        raise CommandError(f"--size lies between 32 and 8192 pixels a side, not {text}")
    return width, height


def write(order: Order) -> str:
    """Write one person's files, the record last; returns their name."""
    who = person(order.seed, kind=order.people)
    clefts = draw_clefts(stream(order.seed, "cleft")) if order.cleft else ()
    shot = photograph(who, size=order.size, clefts=clefts, framing=order.framing)
    files = {"image": _write_picture(order, "", shot.image)}
    landmarks = {"landmarks": shot.landmarks.round(3).tolist()}
    if shot.mask is not None:
        truth = photograph(who, size=order.size, framing=order.framing)
        landmarks["truth_landmarks"] = truth.landmarks.round(3).tolist()
        files["mask"] = _write_mask(order, shot.mask)
        files["truth"] = _write_picture(order, "-truth", truth.image)
    record = {
        "seed": order.seed,
        "files": {role: _described(path) for role, path in files.items()},
        "clefts": [{"side": each.side, "severity": round(each.severity, 4)} for each in clefts],
        "person": _person_facts(shot),
        **landmarks,
    }
    put(_record_path(order), (json.dumps(record, indent=1) + "\n").encode())
    return order.name


def _person_facts(shot: Photograph) -> dict[str, str | float]:
    return {"kind": shot.info["kind"], "eye_distance": round(float(shot.info["eye_distance"]), 2)}


def _record_path(order: Order) -> Path:
    return order.folder / f"{order.name}.json"


def _write_picture(order: Order, ending: str, image: NDArray[np.uint8]) -> Path:
    path = order.folder / f"{order.name}{ending}.{order.form}"
    settings = [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY] if order.form == "jpg" else []
    put(path, cv2.imencode(path.suffix, image[..., ::-1], settings)[1].tobytes())
    return path


def _write_mask(order: Order, mask: NDArray[np.bool_]) -> Path:
    path = order.folder / f"{order.name}-mask.png"
    put(path, cv2.imencode(".png", mask.astype(np.uint8) * 255)[1].tobytes())
    return path


def _described(path: Path) -> dict[str, str]:
    return {"name": path.name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}


def _write_manifest(folder: Path, settings: dict[str, object], orders: list[Order]) -> None:
    """List every file with its digest, in the order of the seeds."""
    records = [json.loads(_record_path(order).read_text()) for order in orders]
    files = [
        {**_listed(folder, role, each), "role": role, "seed": record["seed"]}
        for record in records
        for role, each in record["files"].items()
    ]
    files += [{**_described(_record_path(order)), "role": "landmarks", "seed": order.seed} for order in orders]
    write_table(folder, {**heading(LICENCE, SOURCE), "settings": settings, "files": files})


def _listed(folder: Path, role: str, file: dict[str, str]) -> dict[str, object]:
    """A file of a record as the manifest lists it; what a mask looks like is of no use to anyone."""
    return entry(folder, file["name"]) if role in PORTRAYING else {key: file[key] for key in ("name", "sha256")}

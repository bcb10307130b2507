"""The commands of `python -m inference`: inpaint a photograph, convert a published checkpoint, serve the queue.

From the terminal; to inference.engine, inference.convert and inference.worker. Whatever the user got wrong ends in one
line on stderr and exit code 2, with nothing written.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from tqdm import tqdm

from inference import worker
from inference.broker import BrokerError
from inference.canonical import CanonicalError
from inference.checkpoint import CheckpointError
from inference.contract import METHODS
from inference.convert import PUBLISHED_LICENCE, ConvertError, convert
from inference.engine import WEIGHTS, EngineError, Filled, load_engines
from inference.keys import WORKER_PUBLIC_FILE, KeyFileError, create_worker_keys
from inference.photographs import PhotographError, Square, read_pair
from inference.results import write_results

WRONG_INPUT = 2
EVERY_METHOD = "all"
EXPECTED = (
    BrokerError,
    CanonicalError,
    CheckpointError,
    ConvertError,
    EngineError,
    KeyFileError,
    OSError,
    PhotographError,
    worker.WorkerError,
)


class OneLineParser(argparse.ArgumentParser):
    """Says what is wrong with the arguments in one line, without the usage text before it."""

    def error(self, message: str) -> NoReturn:
        self.exit(WRONG_INPUT, f"{self.prog}: {message} (see --help)\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code, 0 or 2."""
    options = _parser().parse_args(arguments)
    try:
        options.command(options)
    except EXPECTED as error:
        print(f"python -m inference: {' '.join(str(error).split())}", file=sys.stderr)
        return WRONG_INPUT
    return 0


def inpaint(options: argparse.Namespace) -> None:
    """Fill the hole of one photograph by one method or all, into a folder."""
    if options.out.exists() and not options.out.is_dir():
        raise PhotographError(f"{options.out} is a file: -o names a folder")
    pair = read_pair(options.photo, options.mask, options.crop)
    methods = METHODS if options.method == EVERY_METHOD else (options.method,)
    engines = load_engines(options.checkpoints, methods, device=options.device, threads=options.threads)
    filled: dict[str, Filled] = {}
    progress = tqdm(engines.items(), desc="inpainting", unit="method", disable=len(engines) == 1)
    for method, engine in progress:
        filled[method] = engine.inpaint(pair.crop, pair.hole)
    for path in write_results(options.out, pair, filled, {method: engine.card for method, engine in engines.items()}):
        print(path)


def convert_published(options: argparse.Namespace) -> None:
    """Bring the published files of one method into a checkpoint of ours."""
    card = convert(options.method, options.files, options.out, options.licence)
    print(f"{options.out} {card.sha256}")


def serve(options: argparse.Namespace) -> None:
    """Answer orders from the queue until told to stop."""
    worker.run(once=options.once, pool=options.pool)


def make_worker_keys(options: argparse.Namespace) -> None:
    """Make the key pairs of a new worker; the public file is what the platform enrols."""
    create_worker_keys(options.folder)
    print(options.folder / WORKER_PUBLIC_FILE)


def square_of(text: str) -> Square:
    """LEFT,TOP,SIDE in pixels of the upright photograph."""
    try:
        left, top, side = (int(part) for part in text.split(","))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not LEFT,TOP,SIDE in whole pixels") from error
    return Square(left, top, side)


def thread_count(text: str) -> int:
    """A whole number from 1."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of threads")
    return int(text)


def _parser() -> OneLineParser:
    parser = OneLineParser(prog="python -m inference", description="Fill a hole in a face by four methods.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_inpaint(commands.add_parser("inpaint", help="fill the hole of one photograph"))
    _add_convert(commands.add_parser("convert", help="turn published files of a method into a checkpoint"))
    served = commands.add_parser("worker", help="answer sealed orders from the queue")
    served.add_argument("--once", action="store_true", help="stop after one order")
    served.add_argument("--pool", choices=("prefork", "solo"), default="prefork")
    served.set_defaults(command=serve)
    keys = commands.add_parser("worker-keys", help="make the keys of a new worker")
    keys.add_argument("folder", type=Path, metavar="DIR", help="where worker.key and worker.pub go")
    keys.set_defaults(command=make_worker_keys)
    return parser


def _add_inpaint(command: argparse.ArgumentParser) -> None:
    command.add_argument("photo", type=Path, metavar="PHOTO", help="JPEG, PNG or TIFF of any size up to 24 megapixels")
    command.add_argument("mask", type=Path, metavar="MASK", help="white = hole; as large as the photo, or 256 x 256")
    command.add_argument("-o", "--out", type=Path, required=True, metavar="DIR", help="where <method>.png go")
    command.add_argument("--method", choices=(*METHODS, EVERY_METHOD), default=EVERY_METHOD)
    command.add_argument("--checkpoints", type=Path, default=WEIGHTS, metavar="DIR", help="default: %(default)s")
    command.add_argument("--crop", type=square_of, metavar="LEFT,TOP,SIDE", help="default: the largest centred square")
    command.add_argument("--device", default="cpu", help="cpu, cuda or cuda:N; default: %(default)s")
    command.add_argument("--threads", type=thread_count, metavar="N", help="how many processor threads to use")
    command.set_defaults(command=inpaint)


def _add_convert(command: argparse.ArgumentParser) -> None:
    command.add_argument("files", type=Path, nargs="+", metavar="FILE", help="the method's published generator files")
    command.add_argument("--method", choices=METHODS, required=True)
    command.add_argument("-o", "--out", type=Path, required=True, metavar="OUT.safetensors")
    command.add_argument("--licence", default=PUBLISHED_LICENCE, help="the licence that the card will state")
    command.set_defaults(command=convert_published)

"""The command `manifest`: write down what a folder holds, under which licence and from where, or compare it with that.

From `python -m training manifest` to `manifest.json` in the folder, without which training opens nothing of it.
"""

import argparse
from pathlib import Path

from training.errors import CommandError
from training.manifest import Manifest, verify, write

NAME = "manifest"
SUMMARY = "list the files of a folder with digests, licence and source, or verify them"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `manifest`."""
    parser.add_argument("act", choices=("write", "verify"), help="list the files, or compare them with the list")
    parser.add_argument("folder", metavar="FOLDER", type=Path, help="the folder with everything in it")
    parser.add_argument("--licence", help="under which the files may be used, in a few words (to write)")
    parser.add_argument("--source", help="where they come from, such as an address (to write)")
    parser.add_argument("--replace", action="store_true", help="write anew over an older manifest")


def run(arguments: argparse.Namespace) -> None:
    """Write or verify, and print how many files, of which licence, and the manifest's digest."""
    if arguments.act == "verify":
        print(described(verify(arguments.folder)))
        return
    for name in ("licence", "source"):
        if not (getattr(arguments, name) or "").strip():
            raise CommandError(f"--{name} is needed: say what may be done with the files, and where they come from")
    print(described(write(arguments.folder, arguments.licence, arguments.source, replace=arguments.replace)))


def described(manifest: Manifest) -> str:
    """One line about a manifest."""
    return f"{len(manifest.listed)} files, {manifest.content['licence']}; manifest {manifest.digest}"

"""`python -m evaluation fetch URL --study CODE --token-file FILE -o DIR`: fetch the exports of an unblinded study.

From the API to a folder: the signed ZIP, and beside it its files, written only when every digest and the signature are
right. What stands in the way gives one line on stderr and exit code 2.
"""

import argparse
import stat
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZipFile

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from evaluation.client import Client, Refused
from evaluation.signatures import read_public
from evaluation.verify import Unsound, verified

REFUSED = 2
WHYS = ("analysis", "publication", "oversight", "archive")
OTHERS = stat.S_IRWXG | stat.S_IRWXO


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    options = parser().parse_args(arguments)
    try:
        client = Client(options.address, token_in(options.token_file))
        print(fetch(client, options.study, options.why, options.output, options.key))
    except (Refused, Unsound) as refusal:
        print("; ".join(str(refusal).splitlines()), file=sys.stderr)
        return REFUSED
    except OSError as error:
        print(f"{error.filename}: {error.strerror or error}", file=sys.stderr)
        return REFUSED
    return 0


def fetch(client: Client, word: str, why: str, folder: Path, key: Path | None = None) -> str:
    """Write the ZIP of the study with this code or id, and its files, under `folder`; returns what was verified.

    `key` is the platform's public key (PEM); without it the ZIP's own is taken. Raises Refused, Unsound and OSError;
    then nothing new stands in the folder.
    """
    public = _public(key) if key else None
    study = client.study(word)
    kept, files = folder / f"{study.code}.zip", folder / study.code
    if kept.exists() or files.exists():
        raise Refused(f"{kept} or {files} is there already; name another folder with -o")
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder, prefix=".arriving-") as name:
        arrived, unpacked = Path(name) / kept.name, Path(name) / files.name
        with arrived.open("wb") as file:
            file.writelines(client.archive(study, why))
        said = verified(arrived, public)
        with ZipFile(arrived) as archive:
            # extractall keeps every member under its folder, whatever it is called.
            archive.extractall(unpacked)
        unpacked.rename(files)
        arrived.rename(kept)
    return f"{kept}: {said}"


def token_in(file: Path) -> str:
    """The token in a file that its owner alone may read. Raises Refused and OSError."""
    token = file.read_text(encoding="ascii", errors="replace").strip()
    if file.stat().st_mode & OTHERS:
        raise Refused(f"{file}: others on this machine may read it; run chmod 600 {file}")
    return token


def _public(key: Path) -> Ed25519PublicKey:
    try:
        return read_public(key.read_bytes())
    except ValueError as fault:
        raise Refused(f"{key}: {fault}") from None


def parser() -> argparse.ArgumentParser:
    """The command line's arguments."""
    result = argparse.ArgumentParser(
        prog="python -m evaluation fetch", description="Fetch the exports of an unblinded study, and check them."
    )
    result.add_argument("address", metavar="URL", help="the Vermilion, such as https://vermilion.example")
    result.add_argument("--study", required=True, metavar="CODE", help="the study's code in file names, or its id")
    result.add_argument("--token-file", required=True, type=Path, metavar="FILE", help="a file with the access token")
    result.add_argument("-o", "--output", required=True, type=Path, metavar="DIR", help="the folder to write into")
    result.add_argument("--why", choices=WHYS, default=WHYS[0], help=f"what it is for, noted there ({WHYS[0]})")
    result.add_argument("--key", type=Path, metavar="PEM", help="the platform's public key, fetched apart from the ZIP")
    return result


if __name__ == "__main__":
    sys.exit(main())

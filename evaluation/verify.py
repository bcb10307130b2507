"""Is a ZIP of exports what it was when it was made, and who signed it? `python -m evaluation verify FILE.zip`.

Takes the ZIPs of `evaluation.exports.bundle`. One line says what was found; a ZIP with faults gives messages on stderr
and exit code 2.
"""

import argparse
import sys
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from evaluation.exports.bundle import KEY, SIGNATURE, SUMS
from evaluation.signatures import belongs, fingerprint, read_public

REFUSED = 2
BLOCK = 1 << 20


class Unsound(ValueError):  # noqa: N818 - what is wrong with the ZIP, line by line
    """Raised when a ZIP is not what it was; the message has a line for each fault."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    options = parser().parse_args(arguments)
    source = options.zip
    try:
        key = None
        if options.key:
            source = options.key
            key = read_public(source.read_bytes())
            source = options.zip
        print(verified(source, key))
    except (Unsound, ValueError) as fault:
        for line in str(fault).splitlines():
            print(f"{source}: {line}", file=sys.stderr)
        return REFUSED
    except OSError as error:
        print(f"{source}: cannot be read: {error.strerror or error}", file=sys.stderr)
        return REFUSED
    return 0


def verified(path: Path, key: Ed25519PublicKey | None = None) -> str:
    """What can be said for the ZIP, in one line; `key` is the platform's, else the ZIP's own is taken.

    Raises Unsound for a member changed, missing, added or there twice, and for a signature that is missing (with `key`)
    or another's; OSError when the file cannot be read.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            faults = list(faults_in(archive))
            if faults:
                raise Unsound("\n".join(faults))
            return f"{len(archive.namelist())} members, every digest right; {signed_by(archive, key)}"
    except (zipfile.BadZipFile, NotImplementedError, EOFError) as error:
        raise Unsound(f"is not a whole ZIP file: {error}") from None


def faults_in(archive: zipfile.ZipFile) -> Iterator[str]:
    """Every member that is not what the list of digests says."""
    names = archive.namelist()
    if SUMS not in names:
        yield f"has no {SUMS}, so nothing can be checked"
        return
    yield from (f"{name}: is there {times} times" for name, times in Counter(names).items() if times > 1)
    lines = archive.read(SUMS).decode(errors="replace").splitlines()
    listed = {line[66:]: line[:64] for line in lines if not line.startswith("#")}
    there = set(names) - {SUMS, SIGNATURE}
    yield from (f"{name}: is listed in {SUMS} but missing" for name in sorted(listed.keys() - there))
    yield from (f"{name}: is not listed in {SUMS}" for name in sorted(there - listed.keys()))
    for name in sorted(there & listed.keys()):
        if digest_of(archive, name) != listed[name]:
            yield f"{name}: was changed; its digest is not the one in {SUMS}"


def digest_of(archive: zipfile.ZipFile, name: str) -> str:
    """SHA-256 of a member, read a block at a time."""
    digest = sha256()
    with archive.open(name) as member:
        while block := member.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()


def signed_by(archive: zipfile.ZipFile, key: Ed25519PublicKey | None) -> str:
    """Whose signature it is; raises Unsound when it is not the key's."""
    if SIGNATURE not in archive.namelist():
        if key:
            raise Unsound(f"has no {SIGNATURE}: nobody signed it")
        return "not signed"
    own = key is None
    key = key or read_public(archive.read(KEY))
    if not belongs(key, archive.read(SIGNATURE), archive.read(SUMS)):
        raise Unsound(f"the signature is not that of key {fingerprint(key)}")
    said = f"signed by key {fingerprint(key)}"
    return f"{said}, which came with the ZIP: compare it with the platform's" if own else said


def parser() -> argparse.ArgumentParser:
    """The command line's arguments."""
    result = argparse.ArgumentParser(
        prog="python -m evaluation verify", description="Check the digests and the signature of a ZIP of exports."
    )
    result.add_argument("zip", type=Path, help="the ZIP as the platform gave it")
    result.add_argument("--key", type=Path, metavar="PEM", help="the platform's public key, fetched apart from the ZIP")
    return result

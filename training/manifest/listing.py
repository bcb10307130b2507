"""The manifest of a folder: every file with its digest, the licence and the source, and what each picture looks like.

Written by `python -m training manifest write`, `synth`, `prepare` and `masks`; whatever training opens, it opens
through here: listed, unchanged, and under no vault.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tqdm import tqdm

from training.errors import CommandError
from training.manifest.borders import admitted, inside, names_in, refuse_sealed
from training.manifest.own_folder import NOTE, PART, put
from training.manifest.perceptual import PARAMETERS, fingerprints, opened

NAME = "manifest.json"
FORMAT = "vermilion-manifest-1"
# Notes that the commands themselves leave in a folder.
NOTES = {NAME, NAME + PART, NOTE, NOTE + PART}
PICTURES = {".jpg", ".jpeg", ".png"}
CHUNK = 1 << 20


@dataclass(frozen=True)
class Manifest:
    """A folder that may be read: its real path, the manifest's content and SHA-256, the listed digests by name."""

    folder: Path
    content: Mapping[str, Any]
    digest: str
    listed: Mapping[str, str]

    def read(self, name: str) -> bytes:
        """The bytes of a listed file. Raises CommandError, naming it, where it is missing, changed or unlisted."""
        if name not in self.listed:
            raise CommandError(f"{self.folder / name} is not in the manifest; write it anew if the file belongs there")
        return read_listed(self.folder, name, self.listed[name])

    def check(self, name: str) -> Path:
        """The path of a listed file too large for memory, once its digest has been compared. Raises CommandError."""
        path = inside(self.folder, name)
        try:
            with path.open("rb") as file:
                refuse_sealed(str(path), file.read(16))
                file.seek(0)
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise _missing(path) from error
        if digest != self.listed.get(name):
            raise _changed(path)
        return path


def read_listed(folder: Path, name: str, sha256: str) -> bytes:
    """The bytes of a file of an admitted folder; what is verified is what is returned. Raises CommandError."""
    path = inside(folder, name)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise _missing(path) from error
    refuse_sealed(str(path), content[:16])
    if hashlib.sha256(content).hexdigest() != sha256:
        raise _changed(path)
    return content


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a folder whose files are exactly the listed ones; their contents are compared when read.

    Raises CommandError, naming the file, where one is missing or unlisted, and for anything of a vault.
    """
    real = admitted(folder)
    try:
        content = inside(real, NAME).read_bytes()
    except OSError as error:
        raise CommandError(
            f"{folder} has no {NAME}; write one with `python -m training manifest write {folder}`"
        ) from error
    try:
        table = json.loads(content)
        listed = {file["name"]: file["sha256"] for file in table["files"]}
        table["licence"], table["source"]
    except (ValueError, KeyError, TypeError) as error:
        raise CommandError(f"{folder / NAME} is not whole; write it anew") from error
    _compare(real, listed)
    return Manifest(real, table, hashlib.sha256(content).hexdigest(), listed)


def verify(folder: Path) -> Manifest:
    """Compare every file of the folder with its manifest. Raises CommandError for the first that differs."""
    manifest = read_manifest(folder)
    with ThreadPoolExecutor() as pool:
        checked = pool.map(manifest.check, manifest.listed)
        for _ in tqdm(checked, total=len(manifest.listed), unit="file", mininterval=1):
            pass
    return manifest


def write(folder: Path, licence: str, source: str, *, replace: bool = False) -> Manifest:
    """List every file of the folder under this licence and source. Raises CommandError, naming what cannot be listed.

    An older manifest is kept unless `replace` is set; what it knew of a file beside its digest (role, seed) stays.
    """
    real = admitted(folder)
    if (real / NAME).exists() and not replace:
        raise CommandError(f"{folder} has a {NAME}; verify it, or write it anew with --replace")
    known = _known(real)
    names = [name for name in names_in(real) if name not in NOTES]
    if not names:
        raise CommandError(f"{folder} holds no file; put the pictures there first")
    with ThreadPoolExecutor() as pool:
        entries = tqdm(pool.map(lambda name: entry(real, name), names), total=len(names), unit="file", mininterval=1)
        files = [{**known["files"].get(made["name"], {}), **made} for made in entries]
    write_table(real, {**known["rest"], **heading(licence, source), "files": files})
    return read_manifest(real)


def heading(licence: str, source: str) -> dict[str, Any]:
    """What every manifest begins with."""
    return {"format": FORMAT, "licence": licence, "source": source, "perceptual": PARAMETERS}


def entry(folder: Path, name: str) -> dict[str, Any]:
    """One file as a manifest lists it: name, SHA-256 and, for a picture, its fingerprints."""
    content = inside(folder, name).read_bytes()
    refuse_sealed(str(folder / name), content[:16])
    listed: dict[str, Any] = {"name": name, "sha256": hashlib.sha256(content).hexdigest()}
    if Path(name).suffix.lower() in PICTURES:
        listed["perceptual"] = fingerprints(opened(str(folder / name), content))
    return listed


def write_table(folder: Path, table: Mapping[str, Any]) -> None:
    """Put the manifest in its place, whole or not at all."""
    put(folder / NAME, (json.dumps(table, indent=1) + "\n").encode())


def combined(digests: Sequence[str]) -> str:
    """One digest for a card: the manifest's own, or SHA-256 over several, a line each."""
    return digests[0] if len(digests) == 1 else hashlib.sha256("\n".join(digests).encode()).hexdigest()


def _compare(real: Path, listed: Mapping[str, str]) -> None:
    unseen = dict(listed)
    for name in names_in(real):
        if name not in NOTES and unseen.pop(name, None) is None:
            raise CommandError(f"{real / name} is not in the manifest; write it anew if the file belongs there")
    for name in unseen:
        raise _missing(inside(real, name))


def _known(real: Path) -> dict[str, Any]:
    """What an older manifest says beside digests: per file, and of the folder."""
    try:
        table = json.loads(inside(real, NAME).read_bytes())
        return {"files": {file["name"]: file for file in table.pop("files")}, "rest": table}
    except (OSError, ValueError, KeyError, TypeError):
        return {"files": {}, "rest": {}}


def _missing(path: Path) -> CommandError:
    return CommandError(f"{path} is in the manifest but cannot be read; put it back or write the manifest anew")


def _changed(path: Path) -> CommandError:
    return CommandError(f"{path} is not the file that the manifest lists; put it back or write the manifest anew")

"""What training may look at: a folder that lies under no vault, and files that truly lie in it.

Asked by training.manifest before any file of a folder is opened, and by training.cli of every path that a command is
given; a refusal is one line that names the file.
"""

import os
from collections.abc import Iterator
from pathlib import Path

from training.errors import CommandError

# The clinic leaves a file of this name at the top of its vault, and begins objects and key rings with these bytes.
VAULT_MARKER = "VERMILION-VAULT"
SEALED = (b"VML1", b"VML-KEYRING")


def outside_vaults(path: Path) -> None:
    """Raises CommandError where a path, there or not there yet, lies in a vault of the platform; nothing is opened."""
    real = path.resolve()
    for place in (real, *real.parents):
        if (place / VAULT_MARKER).exists():
            raise CommandError(f"{path} lies in a vault of the platform; training reads and writes nothing there")


def admitted(folder: Path) -> Path:
    """The folder's real path. Raises CommandError where it is none, or lies in a vault of the platform."""
    if not folder.is_dir():
        raise CommandError(f"{folder} is no folder; name the folder that holds the pictures")
    outside_vaults(folder)
    return folder.resolve()


def names_in(folder: Path) -> Iterator[str]:
    """The names of all files under the admitted folder, relative to it, in order; nothing is opened.

    Raises CommandError, naming it, for a vault inside the folder and for a link that leads out of it.
    """
    for place, folders, files in os.walk(folder):
        folders.sort()
        here = Path(place)
        if VAULT_MARKER in files:
            raise CommandError(f"{here} is a vault of the platform; training reads nothing of patients")
        for name in sorted([*folders, *files]):
            _refuse_way_out(folder, here / name)
        yield from ((here / name).relative_to(folder).as_posix() for name in sorted(files))


def inside(folder: Path, name: str) -> Path:
    """The path of a listed file. Raises CommandError for a name that leads out of the folder."""
    path = folder / name
    if not path.resolve().is_relative_to(folder.resolve()):
        raise CommandError(f"{name} leads out of {folder}; list files of the folder itself")
    return path


def refuse_sealed(name: str, start: bytes) -> None:
    """Raises CommandError where a file begins as a vault's objects and keys do, wherever it may have been copied."""
    if start.startswith(SEALED):
        raise CommandError(f"{name} comes from a vault of the platform; training reads nothing of patients")


def _refuse_way_out(folder: Path, path: Path) -> None:
    if path.is_symlink() and not path.resolve().is_relative_to(folder):
        raise CommandError(f"{path} is a link that leads out of {folder}; copy the file or remove the link")

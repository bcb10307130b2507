"""A folder that a command writes one set of files into: empty at first, then known by the note of its settings.

Used by `synth` and `masks draw`, which list what they made in a manifest of their own; a folder that holds anything
else, with its own manifest or none, stays as it is.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from training.errors import CommandError
from training.manifest.borders import outside_vaults

NOTE = "settings.json"
PART = ".part"


def begun(folder: Path, settings: Mapping[str, Any], made: str) -> Path:
    """Make the folder, or go on with it; returns its real path. The settings are noted before the first file.

    made: what the set is of, such as "masks". Raises CommandError where the folder lies in a vault, holds a set made
    with other settings, or holds files and no note.
    """
    outside_vaults(folder)
    folder.mkdir(parents=True, exist_ok=True)
    note = folder / NOTE
    if note.exists():
        if _noted(note) != settings:
            raise CommandError(f"{folder} holds {made} made with other settings ({NOTE}); choose another folder")
    elif any(path.name != NOTE + PART for path in folder.iterdir()):
        raise CommandError(f"{folder} holds other files, which stay as they are; choose an empty folder for {made}")
    else:
        put(note, (json.dumps(settings, indent=1) + "\n").encode())
    return folder.resolve()


def put(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    partial = path.with_name(path.name + PART)
    partial.write_bytes(content)
    partial.replace(path)


def _noted(note: Path) -> Any:
    try:
        return json.loads(note.read_text(encoding="utf-8"))
    except ValueError:
        return None

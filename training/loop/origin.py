"""What a run learns from and by which code, noted at its first step and kept in its state, its successors and its card.

From the faces and git, by training.loop.steps, to training.commands.train, which writes the card.
"""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from training.data.mixture import People
from training.errors import CommandError

# What two sittings of one run must share: the manifests of its faces and of its mask files.
BINDING = {"manifest": "faces", "masks": "mask files"}
# What a card says of its weights; the licences of the faces are added.
LICENCE = "MIT; trained on faces under "


def origin_of(faces: People, command: str) -> dict[str, Any]:
    """The digests of both manifests (masks: empty without files), the faces' licence, the command, the revision."""
    return {
        "manifest": faces.manifest_digest,
        "masks": "" if faces.masks is None else faces.masks.manifest_digest,
        "licence": faces.licence,
        "command": command,
        "commits": [revision()],
    }


def gone_on(saved: Mapping[str, Any], now: Mapping[str, Any], place: Path) -> dict[str, Any]:
    """The origin of a run that goes on; another revision joins its list. Raises CommandError for other people."""
    for name, whose in BINDING.items():
        if saved[name] != now[name]:
            raise CommandError(f"{place} is of a run on other {whose}; give those it began with, or another folder")
    return {**saved, "commits": list(dict.fromkeys([*saved["commits"], *now["commits"]]))}


def licence_of(origins: Sequence[Mapping[str, Any]]) -> str:
    """What a card says of weights that these origins made, one after the other: each licence once.

    Cards of before named none for the runs that their own began from; theirs holds for those as well.
    """
    return LICENCE + "; ".join(dict.fromkeys(origin["licence"] for origin in origins if "licence" in origin))


def revision() -> str:
    """The source's commit, with `+changes` where the working tree differs from it, or `unknown` outside a checkout."""
    root = Path(__file__).parents[2]
    status = ["git", "status", "--porcelain", "--", "training", "inference"]
    try:
        head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=root, capture_output=True, text=True, check=True).stdout
        changed = subprocess.run(status, cwd=root, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return f"{head.strip()}+changes" if changed.strip() else head.strip()

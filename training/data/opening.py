"""Opens what the settings ask for: one folder of faces or several by share, and the mask files.

From the FACES folder of `python -m training train` to training.data.batches; whatever may not be read is refused here,
before the first step.
"""

from dataclasses import replace
from pathlib import Path

from training.data.faces import Faces, read_faces
from training.data.mixture import Mixture
from training.errors import CommandError
from training.holes.files import MaskFiles, read_masks
from training.manifest import read_manifest
from training.settings import Settings
from training.settings.shares import DataShare


def open_data(settings: Settings, folder: Path) -> Faces | Mixture:
    """The faces and mask files of a run. Without `[[data]]` tables the folder itself holds the faces.

    With them, and for mask files, their paths lie under the folder. Raises CommandError, naming the file or folder.
    """
    masks = open_masks(settings, folder)
    if not settings.data:
        return replace(read_faces(folder), masks=masks)
    parts = [open_part(folder, source) for source in settings.data]
    return Mixture(parts, [source.share for source in settings.data], masks)


def open_part(folder: Path, source: DataShare) -> Faces:
    """One folder of a mixture; its manifest must say that it is of the kind the settings name."""
    place = folder / source.path
    kind = read_manifest(place).content.get("kind", "synthetic")
    if kind != source.kind:
        raise CommandError(f"{place} was made of {kind}, and the settings say {source.kind}; mend one of them")
    return read_faces(place, source.split)


def open_masks(settings: Settings, folder: Path, split: str = "train") -> MaskFiles | None:
    """The mask files of a split, or None where the settings draw no hole from files."""
    holes = settings.holes
    if not holes.files:
        return None
    return read_masks(
        folder / holes.masks,
        split,
        per_group=holes.per_group,
        held_per_group=holes.held_per_group,
        threshold=holes.threshold,
    )

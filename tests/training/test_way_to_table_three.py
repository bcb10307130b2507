"""A reader copies the commands of docs/training.md, from CelebA's archive to Table III, and each of them works.

Here CelebA has six drawn people, the networks are the smallest, and each stage learns one step; everything else is
what the note says, word for word.
"""

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from training.cli import build_parser, main
from training.data.faces import Faces
from training.landmarks.detector import DETECTORS, detector
from training.measures.frechet import WEIGHTS
from training.settings import read_settings
from training.settings.tables import changed

ROOT = Path(__file__).parents[2]
NOTE = (ROOT / "docs" / "training.md").read_text(encoding="utf-8")
SECTION = "## From a download to Table III"
SPLITS = [0, 0, 0, 1, 2, 2]

SMALL = "network.width=0.0625 discriminator_width=0.0625 phases.0.steps=1 phases.0.size=128 phases.0.batch=2"
MASKS = "holes.per_group=2 holes.held_per_group=2"
DATA = "data=[{kind='celeba',path='celeba-256'}]"
# What the note's variables hold here, and what each command is told beside the note's words.
VARIABLES = {
    "GPU": " ".join(f'--set "{change}"' for change in (*SMALL.split(), *MASKS.split(), DATA))
    + " --threads 1 --workers 0",
    "VGG": "",
    "FID": "",
}
MORE = {
    "prepare": ["--detector", "stand-in", "--workers", "1", "--partial"],
    "masks": ["--train", "2", "--valid", "2"],
    "measure": ["--limit", "2", "--threads", "1", "--per-group", "2", "--device", "cpu"],
    "ablate": ["--seeds", "1"],
}


class Centred:
    """Stands in for a detector: every face is taken to fill the picture."""

    def __init__(self, weights: Path | None, device: str) -> None: ...

    def __call__(self, picture: NDArray[np.uint8]) -> NDArray[np.float32]:
        return np.linspace(40, 140, 136, dtype=np.float32).reshape(68, 2)


def blocks() -> list[list[str]]:
    """The section's blocks of commands, without comments."""
    section = NOTE[NOTE.index(SECTION) :]
    section = section[: section.index("\n### ")]
    found = re.findall(r"```sh\n(.*?)```", section, flags=re.DOTALL)
    return [[line.split("     #")[0] for line in block.splitlines() if line.strip()] for block in found]


@pytest.fixture
def archive(tmp_path: Path, faces: Faces, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which the reader stands: CelebA unpacked, and the recipes."""
    folder = tmp_path / "data" / "celeba" / "img_align_celeba"
    folder.mkdir(parents=True)
    for number, image in enumerate(faces.images, 1):
        Image.fromarray(image).resize((178, 218)).save(folder / f"{number:06d}.jpg", quality=95)
    lines = [f"{number:06d}.jpg {split}" for number, split in enumerate(SPLITS, 1)]
    (folder.parent / "list_eval_partition.txt").write_text("\n".join(lines) + "\n")
    shutil.copytree(ROOT / "training" / "recipes", tmp_path / "training" / "recipes")
    monkeypatch.setitem(DETECTORS, "stand-in", Centred)  # type: ignore[call-overload]
    detector.cache_clear()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def given(line: str) -> None:
    """What a shell makes of a line of the note, with this test's variables."""
    if re.match(r"pip install |\(cd data/celeba && unzip |\w+=", line):
        return  # Installed, unpacked and set already.
    if line.startswith(("mkdir ", "cp ")):
        subprocess.run(line, shell=True, check=True)
        return
    for name, value in VARIABLES.items():
        line = line.replace(f"${name}", value)
    words = shlex.split(line)
    assert words[:3] == ["python", "-m", "training"], line
    assert main([*words[3:], *MORE.get(words[3], [])]) == 0, line


def test_the_notes_commands_lead_from_the_archive_to_tables_three_and_four(
    archive: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    to_table_three, to_table_four = blocks()
    for line in to_table_three:
        given(line)
    rows = (archive / "runs" / "tables" / "table-iii.md").read_text(encoding="utf-8")
    for method in ("EdgeConnect", "LaFIn", "CTSDG", "Ours (INCLG)"):
        (row,) = [line for line in rows.splitlines() if line.startswith(f"| {method} ")]
        ours = [cell.split("/")[1].strip() for cell in row.split("|")[2:-1]]
        assert all(float(value) for value in (*ours[::3], *ours[1::3]))
    assert "holes of the first 2 masks of each group of data/masks" in capsys.readouterr().out
    for line in to_table_four:
        given(line)
    rows = (archive / "runs" / "tables" / "table-iv.md").read_text(encoding="utf-8")
    assert len(re.findall(r"/ \d+\.\d", rows)) == 6


def test_the_note_sets_every_variable_that_its_commands_use() -> None:
    lines = [line for block in blocks() for line in block]
    set_there = {line.partition("=")[0] for line in lines if re.match(r"\w+=", line)}
    assert set_there == set(VARIABLES) == set(re.findall(r"\$(\w+)", "\n".join(lines)))


def test_the_notes_variables_are_words_that_the_commands_take() -> None:
    """As bash splits them: `train` and `ablate` take $GPU and $VGG, `measure` takes $FID."""
    lines = [line for block in blocks() for line in block if re.match(r"\w+=", line)]
    script = "\n".join([*lines, *(f'printf "%s\\n" ${name}; echo --- ' for name in VARIABLES)])
    said = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True).stdout
    gpu, vgg, fid = (part.split() for part in said.split("---\n")[:3])
    parser = build_parser()
    for command in ("train", "ablate"):
        taken = parser.parse_args([command, "recipe.toml", "data", "runs", *gpu, *vgg])
        assert taken.device == "cuda"
        assert taken.changes[-1] == "vgg.weights=download"
        table = changed({}, taken.changes[0])
        assert table == {"data": [{"kind": "celeba", "path": "celeba-256"}]}
    assert parser.parse_args(["measure", "runs", "--faces", "data", *fid]).inception.name == WEIGHTS


@pytest.mark.parametrize("block", re.findall(r"```sh\n(.*?)```", NOTE, flags=re.DOTALL))
def test_every_command_of_the_note_is_one_that_the_program_takes(block: str) -> None:
    """As bash reads them, loops and all; what is not `python` does nothing here."""
    nothing = "".join(f"{name}() {{ :; }}\n" for name in ("pip", "unzip", "rm", "cp", "mkdir", "cd"))
    script = f'{nothing}python() {{ printf "%s\\037" "$@"; printf "\\036"; }}\nGPU= VGG= FID=\n{block}'
    said = subprocess.run(["bash", "-eu", "-c", script], capture_output=True, text=True, check=True).stdout
    commands = [command.split("\037")[:-1] for command in said.split("\036")[:-1]]
    assert commands
    for dash, training, *words in commands:
        assert (dash, training) == ("-m", "training")
        arguments = build_parser().parse_args(words)
        if hasattr(arguments, "changes"):
            read_settings(ROOT / arguments.settings, changes=arguments.changes)

"""What lies in a folder already is never overwritten, nothing touches a vault, and an end from outside is said."""

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from training.cli import main
from training.data.batches import batches
from training.data.faces import Faces
from training.errors import CommandError
from training.manifest.borders import SEALED, VAULT_MARKER
from training.settings import Settings
from training.synthetic.dataset import in_order

Refusal = Callable[..., str]
RECIPE = 'method = "inclg"\n[network]\nwidth = 0.0625\n[[phases]]\nsteps = 1\nsize = 64\nbatch = 2\n'


def contents(folder: Path) -> dict[str, bytes]:
    """Every file under the folder with its bytes."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def vault(tmp_path: Path) -> Path:
    """A vault with a sealed object that is called as manifests are."""
    folder = tmp_path / "vault"
    folder.mkdir()
    (folder / VAULT_MARKER).touch()
    (folder / "manifest.json").write_bytes(SEALED[0] + b"\x01" * 40)
    return folder


@pytest.mark.parametrize("listed", [True, False])
@pytest.mark.parametrize(
    "command", [("synth", "--kind", "face", "--n", "1"), ("masks", "draw", "--train", "1", "--valid", "1")]
)
def test_a_folder_with_other_files_stays_as_it_is(
    command: tuple[str, ...], listed: bool, tmp_path: Path, refusal: Refusal
) -> None:
    (tmp_path / "0.txt").write_text("mine")
    if listed:
        main(["manifest", "write", str(tmp_path), "--licence", "mine", "--source", "my own"])
    before = contents(tmp_path)
    assert "holds other files" in refusal(*command, str(tmp_path))
    assert contents(tmp_path) == before


@pytest.mark.parametrize(
    "command",
    [
        "synth --kind face --n 1 VAULT/new",
        "masks draw VAULT/new",
        "masks count VAULT",
        "manifest verify VAULT",
        "prepare synthetic FACES VAULT/new",
        "train RECIPE FACES VAULT/new",
        "train RECIPE FACES OUT --start VAULT",
        "train LINK FACES OUT",
        "search RECIPE FACES VAULT/new --trials 1",
        "ablate RECIPE FACES VAULT/new",
        "measure VAULT --faces FACES",
        "measure OUT --faces FACES --cache VAULT/new",
        "measure OUT --faces FACES --tables VAULT/new",
        "measure OUT --faces FACES --sheet VAULT/new.png",
    ],
)
def test_no_command_reads_or_writes_in_a_vault(
    command: str, vault: Path, drawn_folder: Path, tmp_path: Path, refusal: Refusal
) -> None:
    (tmp_path / "recipe.toml").write_text(RECIPE)
    (tmp_path / "link.toml").symlink_to(vault / "manifest.json")
    places = {"VAULT": vault, "FACES": drawn_folder, "OUT": tmp_path / "out"}
    places |= {"RECIPE": tmp_path / "recipe.toml", "LINK": tmp_path / "link.toml"}
    for name, place in places.items():
        command = command.replace(name, str(place))
    before = contents(vault), sorted(vault.rglob("*"))
    assert "lies in a vault of the platform" in refusal(*command.split())
    assert (contents(vault), sorted(vault.rglob("*"))) == before
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("act", [("verify",), ("write", "--replace", "--licence", "a", "--source", "b")])
def test_a_manifest_that_is_a_link_into_a_vault_is_not_opened(
    act: tuple[str, ...], vault: Path, tmp_path: Path, refusal: Refusal
) -> None:
    folder = tmp_path / "faces"
    folder.mkdir()
    (folder / "manifest.json").symlink_to(vault / "manifest.json")
    modified = (vault / "manifest.json").stat().st_mtime_ns
    os.utime(vault / "manifest.json", ns=(modified - 86_400 * 10**9, modified))
    assert "leads out of" in refusal("manifest", *act, str(folder))
    assert (vault / "manifest.json").stat().st_atime_ns < modified


def test_the_end_of_a_working_process_is_said_and_not_waited_for() -> None:
    harmless = [signal.SIGCHLD] * 9
    assert len(list(in_order(signal.raise_signal, harmless, 2))) == 9
    with pytest.raises(CommandError, match="ended from outside"):
        list(in_order(signal.raise_signal, [*harmless[:3], signal.SIGKILL, *harmless], 2))


class Deadly(Faces):
    """Faces whose picking ends the process that draws them."""

    def __len__(self) -> int:
        os.kill(os.getpid(), signal.SIGKILL)
        return 0


def test_the_end_of_a_drawing_process_is_said(faces: Faces, tiny: Callable[..., Settings]) -> None:
    deadly = Deadly(faces.images, faces.landmarks, faces.manifest_digest)
    with pytest.raises(CommandError, match="draws batches was ended from outside"):
        next(batches(deadly, tiny("lafin", 3), workers=1))


def test_a_log_and_a_study_that_are_none_are_refused_in_one_line(
    drawn_folder: Path, tmp_path: Path, refusal: Refusal
) -> None:
    recipe, out = tmp_path / "recipe.toml", tmp_path / "out"
    recipe.write_text(RECIPE)
    out.mkdir()
    for name, command, more in (("log.csv", "train", ()), ("search.db", "search", ("--trials", "1"))):
        (out / name).write_text("a,b,c\n")
        said = refusal(command, str(recipe), str(drawn_folder), str(out), "--workers", "0", *more)
        assert name in said
        assert "move it away" in said
        assert (out / name).read_text() == "a,b,c\n"


def test_settings_of_a_set_are_kept_as_they_were_first_written(tmp_path: Path) -> None:
    command = ["masks", "draw", str(tmp_path / "set"), "--train", "1", "--valid", "0", "--side", "64"]
    assert main(command) == 0
    note = tmp_path / "set" / "settings.json"
    note.write_text(json.dumps(json.loads(note.read_text())))  # As an older version spelt it.
    before = contents(tmp_path)
    assert main(command) == 0
    assert contents(tmp_path) == before

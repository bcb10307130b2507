"""Training reads listed, unchanged files with a licence and a source, and nothing of a vault."""

import json
from collections.abc import Callable
from pathlib import Path

import imagehash
import pytest
from PIL import Image

from inference.checkpoint import CheckpointError, load
from training.cli import main
from training.errors import CommandError
from training.manifest import read_manifest, verify
from training.manifest.borders import VAULT_MARKER

Refusal = Callable[..., str]


def picture(path: Path, shade: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    gradient = Image.linear_gradient("L").rotate(shade).resize((80, 100))
    gradient.convert("RGB").save(path)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three pictures of nobody, in two folders."""
    for number, name in enumerate(("a.png", "b.jpg", "deep/c.png")):
        picture(tmp_path / "faces" / name, 30 * number)
    return tmp_path / "faces"


def write(folder: Path, *more: str) -> int:
    return main(["manifest", "write", str(folder), "--licence", "CC0-1.0", "--source", "drawn here", *more])


def test_rosa_lists_a_folder_and_verifies_it(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert write(folder) == 0
    assert main(["manifest", "verify", str(folder)]) == 0
    table = json.loads((folder / "manifest.json").read_text())
    assert [file["name"] for file in table["files"]] == ["a.png", "b.jpg", "deep/c.png"]
    assert (table["licence"], table["source"]) == ("CC0-1.0", "drawn here")
    assert "3 files, CC0-1.0" in capsys.readouterr().out


def test_each_picture_is_described_so_that_imagehash_alone_can_compare_it(folder: Path) -> None:
    write(folder)
    table = json.loads((folder / "manifest.json").read_text())
    listed = table["perceptual"]
    with Image.open(folder / "a.png") as image:
        again = imagehash.phash(image, hash_size=listed["hash_size"], highfreq_factor=listed["highfreq_factor"])
    whole, square = table["files"][0]["perceptual"]
    assert (listed["library"], listed["kind"]) == ("ImageHash", "phash")
    assert imagehash.hex_to_hash(whole) - again == 0
    assert whole != square


@pytest.mark.parametrize("missing", ["--licence", "--source"])
def test_a_folder_without_licence_or_source_is_refused(folder: Path, missing: str, refusal: Refusal) -> None:
    given = {"--licence": "CC0-1.0", "--source": "drawn here", missing: " "}
    words = [word for pair in given.items() for word in pair]
    assert missing in refusal("manifest", "write", str(folder), *words)
    assert not (folder / "manifest.json").exists()


def test_a_folder_without_a_manifest_is_refused_with_the_command_that_writes_one(folder: Path) -> None:
    with pytest.raises(CommandError, match="python -m training manifest write"):
        read_manifest(folder)


def test_an_older_manifest_is_replaced_only_when_asked(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(folder)
    picture(folder / "d.png", 70)
    assert write(folder) == 2
    assert "--replace" in capsys.readouterr().err
    assert write(folder, "--replace") == 0
    assert "4 files" in capsys.readouterr().out


def test_what_was_known_of_a_file_stays_when_the_manifest_is_written_anew(folder: Path) -> None:
    write(folder)
    table = json.loads((folder / "manifest.json").read_text())
    table["files"][0]["role"] = "image"
    (folder / "manifest.json").write_text(json.dumps(table))
    write(folder, "--replace")
    assert json.loads((folder / "manifest.json").read_text())["files"][0]["role"] == "image"


def test_an_unlisted_file_is_refused_by_name(folder: Path, refusal: Refusal) -> None:
    write(folder)
    picture(folder / "deep" / "stray.png", 50)
    assert "stray.png is not in the manifest" in refusal("manifest", "verify", str(folder))


def test_a_missing_file_is_refused_by_name(folder: Path, refusal: Refusal) -> None:
    write(folder)
    (folder / "b.jpg").unlink()
    assert "b.jpg is in the manifest but cannot be read" in refusal("manifest", "verify", str(folder))


def test_a_changed_file_is_refused_by_name_when_it_is_read(folder: Path, refusal: Refusal) -> None:
    write(folder)
    manifest = read_manifest(folder)
    picture(folder / "a.png", 5)
    with pytest.raises(CommandError, match=r"a\.png is not the file that the manifest lists"):
        manifest.read("a.png")
    assert "a.png" in refusal("manifest", "verify", str(folder))


def test_a_file_that_only_calls_itself_a_picture_is_refused_by_name(folder: Path, refusal: Refusal) -> None:
    (folder / "e.png").write_text("no picture")
    line = refusal("manifest", "write", str(folder), "--licence", "CC0-1.0", "--source", "here")
    assert "e.png is no picture" in line


@pytest.mark.parametrize("marked", [".", "..", "deep"])
def test_a_folder_in_a_vault_or_with_one_in_it_is_refused(folder: Path, marked: str, refusal: Refusal) -> None:
    write(folder)
    (folder / marked / VAULT_MARKER).touch()
    with pytest.raises(CommandError, match="vault of the platform"):
        read_manifest(folder)
    assert "vault" in refusal("manifest", "write", str(folder), "--licence", "x", "--source", "y", "--replace")


def test_a_link_to_a_folder_in_a_vault_is_refused(folder: Path, tmp_path: Path) -> None:
    write(folder)
    (tmp_path / "innocent").symlink_to(folder)
    assert verify(tmp_path / "innocent").listed
    (folder / VAULT_MARKER).touch()
    with pytest.raises(CommandError, match="vault"):
        read_manifest(tmp_path / "innocent")


@pytest.mark.parametrize("start", [b"VML1", b"VML-KEYRING 1\n"])
def test_a_sealed_object_copied_out_of_a_vault_is_refused(folder: Path, start: bytes, refusal: Refusal) -> None:
    (folder / "f.png").write_bytes(start + b"\x01" * 200)
    line = refusal("manifest", "write", str(folder), "--licence", "x", "--source", "y")
    assert "f.png comes from a vault" in line


def test_a_link_that_leads_out_is_refused_by_name(folder: Path, tmp_path: Path) -> None:
    write(folder)
    (folder / "way-out.png").symlink_to(picture(tmp_path / "elsewhere.png", 3))
    with pytest.raises(CommandError, match=r"way-out\.png is a link that leads out"):
        read_manifest(folder)


def test_a_listed_name_that_leads_out_is_refused(folder: Path, tmp_path: Path) -> None:
    picture(tmp_path / "elsewhere.png", 3)
    write(folder)
    table = json.loads((folder / "manifest.json").read_text())
    table["files"].append({"name": "../elsewhere.png", "sha256": "0" * 64})
    (folder / "manifest.json").write_text(json.dumps(table))
    with pytest.raises(CommandError, match="leads out"):
        read_manifest(folder)


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"files": [{"name": "a.png"}]}', '{"files": []}'])
def test_a_manifest_that_is_not_whole_is_refused(folder: Path, content: str) -> None:
    (folder / "manifest.json").write_text(content)
    with pytest.raises(CommandError, match="not whole"):
        read_manifest(folder)


def test_weights_without_a_card_are_not_loaded(tmp_path: Path) -> None:
    weights = tmp_path / "inclg.safetensors"
    weights.write_bytes(b"\x00" * 64)
    with pytest.raises(CheckpointError, match=r"inclg\.json"):
        load(weights)


def test_what_a_killed_writing_left_behind_is_no_file_of_the_folder(folder: Path) -> None:
    (folder / "manifest.json.part").write_text('{"format": ')
    assert write(folder) == 0
    assert len(verify(folder).listed) == 3

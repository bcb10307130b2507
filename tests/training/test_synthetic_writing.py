"""`python -m training synth` and the arrays for training: reproducible, resumable, and clear when refusing."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from training.cli import main
from training.synthetic.dataset import render_many, write_arrays


def synth(out: Path, *more: str) -> int:
    return main(
        ["synth", "--kind", "cleft", "--n", "2", "--seed", "3", "--size", "64", "--workers", "1", *more, str(out)]
    )


def test_rosa_gets_patients_masks_truths_and_a_manifest(tmp_path: Path, capsys) -> None:
    assert synth(tmp_path / "a") == 0
    manifest = json.loads((tmp_path / "a" / "manifest.json").read_text())
    assert manifest["licence"] == "CC0-1.0"
    assert sorted({entry["role"] for entry in manifest["files"]}) == ["image", "landmarks", "mask", "truth"]
    for entry in manifest["files"]:
        content = (tmp_path / "a" / entry["name"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == entry["sha256"]
    assert "2 people" in capsys.readouterr().out


def test_a_record_says_side_severity_and_both_sets_of_landmarks(tmp_path: Path) -> None:
    synth(tmp_path)
    record = json.loads((tmp_path / "cleft-000003.json").read_text())
    assert record["clefts"][0]["side"] in ("left", "right")
    assert np.array(record["landmarks"]).shape == np.array(record["truth_landmarks"]).shape == (68, 2)
    with Image.open(tmp_path / "cleft-000003-mask.png") as mask:
        assert mask.size == (64, 64)
        assert set(np.unique(np.asarray(mask))) == {0, 255}


def test_the_same_command_writes_the_same_bytes(tmp_path: Path) -> None:
    synth(tmp_path / "a")
    synth(tmp_path / "b", "--workers", "2")
    first, second = (sorted((tmp_path / name).iterdir()) for name in "ab")
    assert [path.name for path in first] == [path.name for path in second]
    assert all(one.read_bytes() == other.read_bytes() for one, other in zip(first, second, strict=True))


def test_a_folder_is_named_from_where_one_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert synth(Path("runs/people")) == 0
    assert (tmp_path / "runs/people/manifest.json").exists()


def test_a_run_that_was_cut_off_goes_on_where_it_stopped(tmp_path: Path, capsys) -> None:
    synth(tmp_path)
    before = (tmp_path / "manifest.json").read_bytes()
    kept = (tmp_path / "cleft-000003.png").stat().st_mtime_ns
    (tmp_path / "cleft-000004.json").unlink()
    assert synth(tmp_path) == 0
    assert "(1 new)" in capsys.readouterr().out
    assert (tmp_path / "cleft-000003.png").stat().st_mtime_ns == kept
    assert (tmp_path / "manifest.json").read_bytes() == before


def test_a_picture_that_was_taken_away_is_made_again(tmp_path: Path) -> None:
    synth(tmp_path)
    before = (tmp_path / "cleft-000004.png").read_bytes()
    (tmp_path / "cleft-000004.png").unlink()
    synth(tmp_path)
    assert (tmp_path / "cleft-000004.png").read_bytes() == before


def test_photographs_can_be_jpeg_of_any_shape(tmp_path: Path) -> None:
    arguments = ["--kind", "face", "--n", "1", "--size", "96x64", "--format", "jpg", "--framing", "portrait"]
    assert main(["synth", *arguments, str(tmp_path)]) == 0
    with Image.open(tmp_path / "face-000000.jpg") as picture:
        assert picture.format == "JPEG"
        assert picture.size == (96, 64)


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (["--n", "0"], "--n is 1 or more"),
        (["--seed", "-1"], "--seed is 0 or more"),
        (["--workers", "0"], "--workers is 1 or more"),
        (["--size", "wide"], "--size is a side such as 256"),
        (["--size", "16"], "--size lies between 32 and 8192"),
    ],
)
def test_arguments_that_make_no_sense_are_refused_in_one_line(
    tmp_path: Path, capsys, more: list[str], says: str
) -> None:
    assert synth(tmp_path / "out", *more) == 2
    error = capsys.readouterr().err
    assert says in error
    assert error.count("\n") == 1
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("more", [["--n", "many"], ["--kind", "portrait"], ["--people", "toddler"]])
def test_words_nobody_knows_are_refused_in_one_line(tmp_path: Path, capsys, more: list[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        synth(tmp_path / "out", *more)
    assert stopped.value.code == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_a_folder_of_other_people_is_refused(tmp_path: Path, capsys) -> None:
    synth(tmp_path)
    assert synth(tmp_path, "--framing", "portrait") == 2
    assert "choose another folder" in capsys.readouterr().err


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path, capsys) -> None:
    (tmp_path / "out").write_text("taken")
    assert synth(tmp_path / "out") == 2
    assert "choose another folder" in capsys.readouterr().err


def test_many_faces_come_in_the_order_of_their_seeds() -> None:
    assert [face.seed for face in render_many([9, 4, 6], workers=2, side=48)] == [9, 4, 6]


def test_arrays_for_training_are_filled_and_go_on_where_they_stopped(tmp_path: Path) -> None:
    images, landmarks = write_arrays(tmp_path, range(3), workers=1, side=48)
    whole, points = np.load(images), np.load(landmarks)
    assert whole.shape == (3, 48, 48, 3)
    assert np.isfinite(points).all()
    marks = np.lib.format.open_memmap(landmarks, "r+")
    marks[1] = np.nan
    marks.flush()
    write_arrays(tmp_path, range(3), workers=1, side=48)
    assert (np.load(landmarks) == points).all()
    assert (np.load(images) == whole).all()


def test_arrays_of_another_shape_are_refused(tmp_path: Path) -> None:
    write_arrays(tmp_path, range(1), workers=1, side=48)
    with pytest.raises(ValueError, match="choose another folder"):
        write_arrays(tmp_path, range(2), workers=1, side=48)

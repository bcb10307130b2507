"""`python -m training prepare`: pictures as distributed become squares with landmarks, however often it is cut off."""

import io
import json
import multiprocessing
import os
import signal
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from training.cli import main
from training.data.faces import Faces, read_faces
from training.data.journal import Journal
from training.data.opening import open_data
from training.data.preparing import squared
from training.errors import CommandError
from training.landmarks.detector import DETECTORS, detector
from training.manifest import read_manifest, verify
from training.manifest.perceptual import opened
from training.settings import settings_from

CELEBA_PEOPLE = 6
WITHOUT_A_FACE = 3


class Stand:
    """Stands in for a detector: it knows the drawn faces by their left upper pixel, and one picture has no face."""

    def __init__(self, weights: Path | None, device: str) -> None:
        self.die_at, self.seen = int(os.environ.get("STAND_IN_DIES_AT", 0)), 0

    def __call__(self, picture: NDArray[np.uint8]) -> NDArray[np.float32] | None:
        self.seen += 1
        if self.seen == self.die_at:
            os.kill(os.getpid(), signal.SIGKILL)
        if picture[0, 0].sum() < 12:
            return None
        return np.full((68, 2), 89, np.float32) + np.arange(68, dtype=np.float32)[:, None] / 68


@pytest.fixture(autouse=True)
def stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(DETECTORS, "stand-in", Stand)  # type: ignore[call-overload]
    detector.cache_clear()


@pytest.fixture
def celeba(tmp_path: Path, faces: Faces) -> Path:
    """CelebA as distributed, but of six people and drawn: number 3 has turned away."""
    folder = tmp_path / "celeba"
    (folder / "img_align_celeba").mkdir(parents=True)
    lines = []
    for number in range(1, CELEBA_PEOPLE + 1):
        face = Image.fromarray(faces.images[number - 1]).resize((178, 218))
        if number == WITHOUT_A_FACE:
            face = Image.new("RGB", (178, 218))
        face.save(folder / "img_align_celeba" / f"{number:06d}.jpg", quality=95)
        lines.append(f"{number:06d}.jpg {[0, 2, 0, 1, 0, 2][number - 1]}\n")
    (folder / "list_eval_partition.txt").write_text("".join(lines))
    assert main(["manifest", "write", str(folder), "--licence", "research only", "--source", "drawn here"]) == 0
    return folder


def prepare(folder: Path, out: Path, *more: str, kind: str = "celeba") -> int:
    return main(["prepare", kind, str(folder), str(out), "--detector", "stand-in", "--workers", "1", *more])


def test_celeba_is_cut_square_split_as_published_and_faceless_pictures_are_counted(
    celeba: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "prepared"
    assert prepare(celeba, out, "--partial") == 0
    assert "5 faces" in (printed := capsys.readouterr().out)
    assert "1 skipped" in printed
    assert [len(read_faces(out, split)) for split in ("train", "valid", "test")] == [2, 1, 2]
    table = json.loads((out / "manifest.json").read_text())
    assert table["skipped"] == [f"img_align_celeba/{WITHOUT_A_FACE:06d}.jpg"]
    assert table["licence"] == read_faces(out).licence == "research only"
    assert verify(out).digest == read_faces(out).manifest_digest


def test_a_row_shows_the_central_square_and_its_landmarks(celeba: Path, tmp_path: Path) -> None:
    prepare(celeba, tmp_path / "prepared", "--partial")
    faces = read_faces(tmp_path / "prepared", "test")
    with Image.open(celeba / "img_align_celeba" / "000006.jpg") as picture:
        square = picture.crop((0, 20, 178, 198)).resize((256, 256), Image.Resampling.BICUBIC)
    assert np.array_equal(faces.images[1], np.asarray(square))
    assert np.allclose(faces.landmarks[1][0], [89 * 256 / 178, 69 * 256 / 178])
    assert isinstance(faces.images, np.memmap)


def test_landmarks_outside_the_square_are_brought_to_its_edge() -> None:
    _, points = squared(Image.new("RGB", (100, 200)), np.array([[-5, 0], [99, 250], [50, 100]], np.float32))
    assert np.allclose(points, [[0, 0], [99 * 2.56, 255], [128, 128]])


def test_a_celeba_with_pictures_missing_is_refused_with_the_number(
    celeba: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert prepare(celeba, tmp_path / "prepared") == 2
    assert "lacks 202593 of CelebA's 202599 pictures" in capsys.readouterr().err
    assert not (tmp_path / "prepared").exists()


def test_one_split_can_be_prepared_alone(celeba: Path, tmp_path: Path) -> None:
    prepare(celeba, tmp_path / "prepared", "--partial", "--split", "test")
    assert len(read_faces(tmp_path / "prepared", "test")) == 2
    with pytest.raises(CommandError, match="no split 'train'; it has test"):
        read_faces(tmp_path / "prepared")


def test_a_partition_with_another_code_is_refused_with_its_line(
    celeba: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (celeba / "list_eval_partition.txt").write_text("000001.jpg 0\n000002.jpg 7\n")
    main(["manifest", "write", str(celeba), "--licence", "x", "--source", "y", "--replace"])
    assert prepare(celeba, tmp_path / "prepared", "--partial") == 2
    assert "line 2" in capsys.readouterr().err


def test_celeba_without_its_partition_is_refused(
    celeba: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (celeba / "list_eval_partition.txt").unlink()
    main(["manifest", "write", str(celeba), "--licence", "x", "--source", "y", "--replace"])
    assert prepare(celeba, tmp_path / "prepared", "--partial") == 2
    assert "list_eval_partition.txt" in capsys.readouterr().err


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def killed(monkeypatch: pytest.MonkeyPatch, at: int, celeba: Path, out: Path, *more: str) -> None:
    """Prepare in a process of its own that is killed while it looks at its so-manieth picture."""
    monkeypatch.setenv("STAND_IN_DIES_AT", str(at))
    detector.cache_clear()
    victim = multiprocessing.get_context("fork").Process(target=prepare, args=(celeba, out, "--partial", *more))
    victim.start()
    victim.join()
    assert victim.exitcode == -signal.SIGKILL
    monkeypatch.delenv("STAND_IN_DIES_AT")


@pytest.mark.parametrize("at", [1, 2, 4, 6])
def test_killed_and_begun_again_it_ends_with_the_same_bytes(
    celeba: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    prepare(celeba, tmp_path / "whole", "--partial")
    killed(monkeypatch, at, celeba, tmp_path / "cut")
    lines = (tmp_path / "cut" / "journal.jsonl").read_text().splitlines()
    assert len(lines) == at  # the settings, and one line for each picture before the last
    assert prepare(celeba, tmp_path / "cut", "--partial") == 0
    assert bytes_of(tmp_path / "cut") == bytes_of(tmp_path / "whole")


@pytest.mark.parametrize("harm", ["half a row", "half a line", "a line without its row"])
def test_what_was_half_written_is_written_again(
    celeba: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, harm: str
) -> None:
    prepare(celeba, tmp_path / "whole", "--partial")
    killed(monkeypatch, 4, celeba, tmp_path / "cut")
    images, lines = tmp_path / "cut" / "images.npy", tmp_path / "cut" / "journal.jsonl"
    if harm == "half a row":
        images.write_bytes(images.read_bytes() + b"\x07" * 1000)
    elif harm == "half a line":
        lines.write_bytes(lines.read_bytes()[:-20])
    else:
        images.write_bytes(images.read_bytes()[:-20])
    assert prepare(celeba, tmp_path / "cut", "--partial") == 0
    assert bytes_of(tmp_path / "cut") == bytes_of(tmp_path / "whole")


def test_a_folder_begun_with_other_pictures_is_refused(
    celeba: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    killed(monkeypatch, 2, celeba, tmp_path / "cut")
    weights = tmp_path / "other.dat"
    weights.write_bytes(b"another predictor")
    for other in (("--split", "test"), ("--split", "train"), ("--weights", str(weights))):
        assert prepare(celeba, tmp_path / "cut", "--partial", *other) == 2
        assert "begun with other pictures" in capsys.readouterr().err


def test_splits_of_as_many_pictures_are_not_mixed(
    celeba: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # Two to train with have faces and two are to test: only the names tell them apart.
    (celeba / "img_align_celeba" / "000005.jpg").unlink()
    main(["manifest", "write", str(celeba), "--replace", "--licence", "a", "--source", "b"])
    killed(monkeypatch, 2, celeba, tmp_path / "cut", "--split", "test")
    assert prepare(celeba, tmp_path / "cut", "--partial", "--split", "train") == 2
    assert "begun with other pictures" in capsys.readouterr().err


def test_pictures_of_sixteen_bits_are_seen_as_those_of_eight(celeba: Path, faces: Faces) -> None:
    grey = np.asarray(Image.fromarray(faces.images[0]).convert("L"))
    files = []
    for values in (grey, grey.astype(np.uint16) * 257):
        file = io.BytesIO()
        Image.fromarray(values).save(file, "PNG")
        files.append(opened("face.png", file.getvalue()))
    assert np.array_equal(*map(np.asarray, files))


def test_the_arrays_may_not_lie_among_the_pictures(celeba: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert prepare(celeba, celeba / "out", "--partial") == 2
    assert "lies among the pictures" in capsys.readouterr().err
    assert read_manifest(celeba)


def test_a_folder_whose_process_was_killed_behind_the_manifest_can_be_learnt_from(
    celeba: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(Journal, "forget", lambda journal: None)
        prepare(celeba, tmp_path / "prepared", "--partial")
    capsys.readouterr()
    assert prepare(celeba, tmp_path / "prepared", "--partial") == 0
    assert capsys.readouterr().out.startswith("5 faces in ")
    assert len(read_faces(tmp_path / "prepared")) == 2


def test_a_prepared_folder_is_not_prepared_again(
    celeba: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    prepare(celeba, tmp_path / "prepared", "--partial")
    before, said = bytes_of(tmp_path / "prepared"), capsys.readouterr().out
    assert prepare(celeba, tmp_path / "prepared", "--partial") == 0
    assert (bytes_of(tmp_path / "prepared"), capsys.readouterr().out) == (before, said)
    assert prepare(celeba, tmp_path / "prepared", "--partial", "--split", "test") == 2
    assert "holds something else" in capsys.readouterr().err
    assert bytes_of(tmp_path / "prepared") == before


def test_a_picture_changed_since_the_manifest_is_refused_by_name(
    celeba: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Image.new("RGB", (178, 218), "red").save(celeba / "img_align_celeba" / "000002.jpg")
    assert prepare(celeba, tmp_path / "prepared", "--partial") == 2
    assert "000002.jpg is not the file that the manifest lists" in capsys.readouterr().err


def test_changed_arrays_are_refused_before_training(celeba: Path, tmp_path: Path) -> None:
    prepare(celeba, tmp_path / "prepared", "--partial")
    with (tmp_path / "prepared" / "images.npy").open("r+b") as file:
        file.seek(5000)
        file.write(b"\x00\x01")
    with pytest.raises(CommandError, match=r"images\.npy is not the file"):
        read_faces(tmp_path / "prepared")


def test_any_folder_of_faces_is_taken_with_its_own_splits(tmp_path: Path, faces: Faces) -> None:
    for number, name in enumerate(("a.png", "deep/b.jpg", "test/c.png")):
        path = tmp_path / "faces" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(faces.images[number]).save(path)
    main(["manifest", "write", str(tmp_path / "faces"), "--licence", "x", "--source", "y"])
    assert prepare(tmp_path / "faces", tmp_path / "out", kind="folder") == 0
    assert [len(read_faces(tmp_path / "out", split)) for split in ("train", "test")] == [2, 1]


@pytest.fixture
def people(tmp_path: Path, faces: Faces) -> Path:
    """A folder as `synth --kind face` leaves it, of three drawn faces."""
    folder = tmp_path / "people"
    folder.mkdir()
    for number in range(3):
        Image.fromarray(faces.images[number]).save(folder / f"{number}.png")
        record = {"files": {"image": {"name": f"{number}.png"}}, "landmarks": faces.landmarks[number].tolist()}
        (folder / f"{number}.json").write_text(json.dumps(record))
    main(["manifest", "write", str(folder), "--licence", "CC0-1.0", "--source", "drawn here"])
    table = json.loads((folder / "manifest.json").read_text())
    for file in table["files"]:
        file["role"] = "landmarks" if file["name"].endswith(".json") else "image"
    (folder / "manifest.json").write_text(json.dumps(table))
    return folder


def test_synthetic_people_keep_their_exact_landmarks(people: Path, tmp_path: Path) -> None:
    assert prepare(people, tmp_path / "out", kind="synthetic") == 0
    arrays, folder = read_faces(tmp_path / "out"), read_faces(people)
    assert np.array_equal(arrays.images, folder.images)
    assert np.array_equal(arrays.landmarks, folder.landmarks)


def mixed(*tables: dict[str, object], **holes: object) -> dict[str, object]:
    return {"method": "inclg", "phases": [{"steps": 1}], "data": list(tables), "holes": holes}


def test_folders_are_mixed_by_share(celeba: Path, people: Path, tmp_path: Path) -> None:
    prepare(celeba, tmp_path / "prepared", "--partial")
    table = mixed(
        {"kind": "celeba", "path": "prepared", "share": 3.0}, {"kind": "synthetic", "path": "people", "share": 1.0}
    )
    mixture = open_data(settings_from(table), tmp_path)
    rng = np.random.default_rng(0)
    real = [bool((mixture.pick(rng)[1] == mixture.parts[0].landmarks).all((1, 2)).any()) for _ in range(400)]  # type: ignore[union-attr]
    assert 0.7 < np.mean(real) < 0.8
    assert mixture.licence == "research only; CC0-1.0"
    assert len(mixture) == 5
    alone = [read_faces(tmp_path / name).manifest_digest for name in ("prepared", "people")]
    assert mixture.manifest_digest not in alone


def test_a_folder_of_another_kind_than_the_settings_say_is_refused(people: Path, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="made of synthetic, and the settings say celeba"):
        open_data(settings_from(mixed({"kind": "celeba", "path": "people"})), tmp_path)


@pytest.mark.parametrize(
    ("table", "named"),
    [
        (mixed({"kind": "wild", "path": "people"}), "wild"),
        (mixed({"kind": "folder", "path": "people", "share": 0.0}), "share"),
        (mixed({"kind": "folder", "path": "people", "shares": 1.0}), "shares"),
        (mixed(files=1.0), "holes.masks"),
        (mixed(groups=[1.0, 1.0]), "three shares"),
        (mixed(per_group=0), "per_group"),
    ],
)
def test_a_fault_in_the_data_settings_is_named(table: dict[str, object], named: str) -> None:
    with pytest.raises(CommandError, match=named):
        settings_from(table)


def test_mask_files_come_with_the_faces(people: Path, tmp_path: Path) -> None:
    main(["masks", "draw", str(tmp_path / "masks"), "--train", "1", "--valid", "1", "--side", "64"])
    settings = settings_from(
        {
            "method": "inclg",
            "phases": [{"steps": 1}],
            "holes": {"clinical": 0.0, "files": 1.0, "masks": "../masks", "per_group": 1, "held_per_group": 1},
        }
    )
    faces = open_data(settings, people)
    assert faces.masks is not None
    assert [len(group) for group in faces.masks.groups] == [1, 1, 1]

"""Landmarks are found by detectors that are there, and what is missing is said in one line that tells where it is."""

import importlib.util
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from training.cli import main
from training.commands import landmarks as measuring
from training.data.faces import read_faces
from training.errors import CommandError
from training.landmarks import Choice, detector, fan
from training.landmarks.fan import ALIGNER, FINDER, Fan
from training.synthetic.person import person
from training.synthetic.photograph import photograph


@pytest.fixture(autouse=True)
def made_anew() -> None:
    detector.cache_clear()


def test_dlib_finds_a_rendered_face_where_it_was_drawn() -> None:
    pytest.importorskip("dlib", reason="the extra `landmarks` is not installed")
    if importlib.util.find_spec("face_recognition_models") is None:
        pytest.skip("the extra `landmarks` is not installed")
    shot = photograph(person(1000000), size=(256, 256))
    found = detector(Choice("dlib"))(shot.image)
    assert found is not None
    assert (found.shape, found.dtype) == ((68, 2), np.float32)
    eyes = float(np.linalg.norm(shot.landmarks[36] - shot.landmarks[45]))
    assert np.linalg.norm(found - shot.landmarks, axis=1).mean() < 0.1 * eyes
    assert detector(Choice("dlib"))(np.zeros((256, 256, 3), np.uint8)) is None


def test_dlib_without_its_predictor_is_refused_with_the_way_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"no\.dat is missing; .*vermilion\[landmarks\]"):
        detector(Choice("dlib", tmp_path / "no.dat"))


def test_dlib_does_not_run_on_a_gpu() -> None:
    with pytest.raises(CommandError, match="runs on the cpu"):
        detector(Choice("dlib", device="cuda"))


@pytest.mark.parametrize("missing", [ALIGNER, FINDER])
def test_fan_without_its_weights_is_refused_with_their_address(tmp_path: Path, missing: str) -> None:
    for name in {ALIGNER, FINDER} - {missing}:
        (tmp_path / name).touch()
    with pytest.raises(CommandError, match=f"{missing} is missing; download https://.*{missing}"):
        detector(Choice("fan", tmp_path))


class StandIn:
    """In the place of the package face-alignment: an aligner whose answer its weights hold."""

    class LandmarksType:
        TWO_D = 1

    class FAN(torch.nn.Module):
        def __init__(self, size: int) -> None:
            super().__init__()
            self.moved = torch.nn.Parameter(torch.zeros(2))

    class FaceAlignment:
        def __init__(self, kind: int, **options: Any) -> None:
            self.options = options
            self.network = self._load_native("2DFAN-4", 4, options["device"], torch.float32)

        def _load_native(self, *given: object) -> Any:
            raise AssertionError("this is where the package asks the internet")

        def get_landmarks_from_image(self, picture: np.ndarray, return_bboxes: bool) -> tuple[Any, None, Any]:
            assert return_bboxes
            if not picture.any():
                return None, None, None
            small, large = np.zeros((68, 2)), np.ones((68, 2)) * self.network.moved.detach().numpy()
            return [small, large], None, [np.array([0, 0, 9, 9, 1.0]), np.array([0, 0, 60, 50, 0.7])]


def stand_in_weights(folder: Path) -> Path:
    """A folder with two files of FAN's names that hold a stand-in."""
    torch.save({"moved": torch.tensor([3.0, 4.0])}, folder / ALIGNER)
    torch.save({}, folder / FINDER)
    return folder


def test_fan_reads_its_weights_from_the_folder_and_answers_for_the_largest_face(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fan.importlib, "import_module", lambda name: StandIn)
    find = Fan(stand_in_weights(tmp_path), "cpu")
    assert find.aligner.options["face_detector_kwargs"] == {"path_to_detector": str(tmp_path / FINDER)}
    found = find(np.ones((64, 64, 3), np.uint8))
    assert (found.shape, found.dtype) == ((68, 2), np.float32)
    assert found[0].tolist() == [3.0, 4.0]
    assert find(np.zeros((64, 64, 3), np.uint8)) is None


def test_weights_that_are_not_fans_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fan.importlib, "import_module", lambda name: StandIn)
    torch.save({"other": torch.zeros(1)}, stand_in_weights(tmp_path) / ALIGNER)
    with pytest.raises(CommandError, match="does not hold FAN's weights as published"):
        Fan(tmp_path, "cpu")


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_fan_fits_the_package_as_it_is_today(tmp_path: Path) -> None:
    api = pytest.importorskip("face_alignment.api", reason="face-alignment is not installed")
    finder = pytest.importorskip("face_alignment.detection.sfd.net_s3fd")
    torch.save(api.FAN(4).state_dict(), tmp_path / ALIGNER)  # Networks of the real shape that have learnt nothing.
    torch.save(finder.s3fd().state_dict(), tmp_path / FINDER)
    find = Fan(tmp_path, "cpu")
    find.aligner.face_detector.detect_from_image = lambda picture: [np.array([40, 40, 200, 220, 0.9])]
    found = find(np.full((256, 256, 3), 90, np.uint8))
    assert (found.shape, found.dtype) == ((68, 2), np.float32)
    find.aligner.face_detector.detect_from_image = lambda picture: []
    assert find(np.zeros((256, 256, 3), np.uint8)) is None


def test_rosa_reads_how_far_a_detector_is_off(
    drawn_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It moves all points of the jaw by a tenth of the eyes' distance, and overlooks the last face."""
    faces = read_faces(drawn_folder)

    def find(picture: np.ndarray) -> np.ndarray | None:
        (number,) = [n for n, image in enumerate(faces.images) if np.array_equal(image, picture)]
        points = faces.landmarks[number].copy()
        points[:17, 0] += 0.1 * np.linalg.norm(points[36] - points[45])
        return None if number == len(faces) - 1 else points

    monkeypatch.setattr(measuring, "detector", lambda choice: find)
    assert main(["landmarks", str(drawn_folder)]) == 0
    cells = [cell.strip() for cell in capsys.readouterr().out.splitlines()[-1].strip("|").split("|")]
    assert cells == ["5 of 6", "2.5 ± 0.0", "10.0", "0.0", "0.0", "0.0", "0.0"]
    assert main(["landmarks", str(drawn_folder), "--limit", "5"]) == 0
    assert "| 5 of 5 |" in capsys.readouterr().out


def test_a_detector_that_finds_nobody_is_a_refusal(
    drawn_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(measuring, "detector", lambda choice: lambda picture: None)
    assert main(["landmarks", str(drawn_folder)]) == 2
    assert "dlib finds none of 6 faces" in capsys.readouterr().err


def test_what_is_missing_is_said_before_anything_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "faces"
    folder.mkdir()
    (folder / "a.png").write_bytes(drawn())
    main(["manifest", "write", str(folder), "--licence", "CC0-1.0", "--source", "drawn here"])
    command = ["prepare", "folder", str(folder), str(tmp_path / "out"), "--detector", "fan", "--weights", str(tmp_path)]
    assert main(command) == 2
    assert ALIGNER in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def drawn() -> bytes:
    """A grey square as a PNG file."""
    file = io.BytesIO()
    Image.new("RGB", (64, 64), "grey").save(file, "PNG")
    return file.getvalue()

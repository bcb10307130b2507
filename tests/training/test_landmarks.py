"""Landmarks are found by detectors that are there, and what is missing is said in one line that tells where it is."""

import importlib.util
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from training.cli import main
from training.errors import CommandError
from training.landmarks import Choice, detector
from training.landmarks.fan import ALIGNER, FINDER
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

"""Rosa fills a hole from the command line; whatever she gets wrong costs her one line and writes nothing."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from inference import checkpoint
from inference.cli import main


@pytest.fixture
def files(tmp_path, crop, hole) -> tuple[Path, Path]:
    """A photograph and its mask, both 256 x 256."""
    Image.fromarray(crop).save(tmp_path / "photo.png")
    Image.fromarray(hole).save(tmp_path / "mask.png")
    return tmp_path / "photo.png", tmp_path / "mask.png"


@pytest.fixture
def inpaint(files, weights, tmp_path):
    """Runs `inpaint` as Rosa would, into the folder "out"; options replace the usual ones."""

    def run(*options, photo=files[0], mask=files[1], out=tmp_path / "out", checkpoints=weights) -> int:
        arguments = [photo, mask, "-o", out, "--checkpoints", checkpoints, *options]
        return main(["inpaint", *map(str, arguments)])

    return run


def refused(capsys, code: int, out: Path) -> str:
    """The one line of a refusal that left nothing behind."""
    assert code == 2
    assert not out.exists()
    assert not list(out.parent.glob(".out*"))
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    return captured.err


def test_rosa_gets_a_picture_of_every_method_and_a_report(inpaint, tmp_path, crop, hole, capsys):
    assert inpaint() == 0
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == [
        "edgeconnect.png",
        "inpainting.json",
        "lafin.png",
    ]
    for method in ("edgeconnect", "lafin"):
        picture = np.asarray(Image.open(tmp_path / "out" / f"{method}.png"))
        assert np.array_equal(picture[~hole], crop[~hole])
        assert not np.array_equal(picture[hole], crop[hole])
    captured = capsys.readouterr()
    assert captured.out.count("\n") == 3
    assert "2/2" in captured.err


def test_the_report_tells_what_was_done_by_digest_and_not_by_name(inpaint, tmp_path, weights, hole):
    inpaint()
    text = (tmp_path / "out" / "inpainting.json").read_text()
    report = json.loads(text)
    assert "photo.png" not in text
    assert report["square"] == {"left": 0, "top": 0, "side": 256}
    assert report["hole_pixels"] == hole.sum()
    lafin = report["methods"]["lafin"]
    assert lafin["checkpoint_sha256"] == checkpoint.read_card(weights / "lafin.safetensors").sha256
    assert np.array(lafin["landmarks"]).shape == (68, 2)
    assert lafin["seconds"] >= 0
    assert report["methods"]["edgeconnect"]["landmarks"] is None


def test_one_method_alone_shows_no_progress_bar(inpaint, tmp_path, capsys):
    assert inpaint("--method", "lafin") == 0
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == ["inpainting.json", "lafin.png"]
    assert capsys.readouterr().err == ""


def test_the_same_photograph_gives_the_same_bytes_again(inpaint, tmp_path):
    inpaint("--method", "lafin", out=tmp_path / "one")
    inpaint("--method", "lafin", out=tmp_path / "two")
    assert (tmp_path / "one" / "lafin.png").read_bytes() == (tmp_path / "two" / "lafin.png").read_bytes()


def test_a_chosen_square_of_a_larger_photograph(inpaint, tmp_path, crop):
    large = np.zeros((400, 500, 3), dtype=np.uint8)
    large[100:356, 200:456] = crop
    Image.fromarray(large).save(tmp_path / "large.png")
    assert inpaint("--method", "lafin", "--crop", "200,100,256", photo=tmp_path / "large.png") == 0
    picture = np.asarray(Image.open(tmp_path / "out" / "lafin.png"))
    assert np.array_equal(picture[:100], crop[:100])


def test_other_files_in_the_folder_stay(inpaint, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "notes.txt").write_text("keep")
    assert inpaint("--method", "lafin") == 0
    assert (tmp_path / "out" / "notes.txt").read_text() == "keep"


def test_a_mask_of_another_size_is_refused(inpaint, tmp_path, capsys):
    Image.new("L", (300, 200), 255).save(tmp_path / "wrong.png")
    message = refused(capsys, inpaint(mask=tmp_path / "wrong.png"), tmp_path / "out")
    assert "wrong.png is 300 x 200: a mask for photo.png is 256 x 256" in message


@pytest.mark.parametrize(("value", "reason"), [(0, "the mask is empty"), (255, "covers the whole square")])
def test_a_mask_without_a_border_is_refused(value, reason, inpaint, tmp_path, capsys):
    Image.new("L", (256, 256), value).save(tmp_path / "flat.png")
    assert reason in refused(capsys, inpaint(mask=tmp_path / "flat.png"), tmp_path / "out")


def test_a_missing_mask_is_refused(inpaint, tmp_path, capsys):
    message = refused(capsys, inpaint(mask=tmp_path / "nowhere.png"), tmp_path / "out")
    assert "nowhere.png cannot be read: No such file" in message


def test_a_text_is_no_photograph(inpaint, tmp_path, capsys):
    (tmp_path / "letter.txt").write_text("Dear Rosa")
    assert "letter.txt is not a picture" in refused(capsys, inpaint(photo=tmp_path / "letter.txt"), tmp_path / "out")


def test_a_damaged_checkpoint_is_refused(inpaint, weights, tmp_path, capsys):
    (weights / "lafin.safetensors").write_bytes(b"damaged")
    message = refused(capsys, inpaint(), tmp_path / "out")
    assert "lafin.safetensors is damaged or not the file of its card" in message


def test_a_method_without_a_checkpoint_is_refused(inpaint, tmp_path, capsys):
    message = refused(capsys, inpaint("--method", "ctsdg"), tmp_path / "out")
    assert "no checkpoint of ctsdg lies in" in message


def test_a_folder_without_checkpoints_is_refused(inpaint, tmp_path, capsys):
    message = refused(capsys, inpaint(checkpoints=tmp_path / "nowhere"), tmp_path / "out")
    assert "train or convert one into it" in message


@pytest.mark.parametrize(
    "options",
    [
        ["--method", "gan"],
        ["--crop", "1,2"],
        ["--crop", "a,b,c"],
        ["--threads", "0"],
        ["--surprise"],
    ],
)
def test_wrong_arguments_are_refused_in_one_line(options, inpaint, tmp_path, capsys):
    with pytest.raises(SystemExit) as stopped:
        inpaint(*options)
    message = refused(capsys, stopped.value.code, tmp_path / "out")
    assert options[0] in message


def test_a_square_outside_the_photograph_is_refused(inpaint, tmp_path, capsys):
    message = refused(capsys, inpaint("--crop", "100,0,256"), tmp_path / "out")
    assert "does not lie inside the 256 x 256 picture" in message


def test_a_device_that_is_not_there_is_refused(inpaint, tmp_path, capsys):
    message = refused(capsys, inpaint("--device", "cuda:9"), tmp_path / "out")
    assert "the device cuda:9 cannot be used here" in message


def test_a_file_where_the_folder_should_be_is_kept(inpaint, tmp_path, capsys):
    (tmp_path / "out").write_text("my notes")
    assert inpaint() == 2
    assert (tmp_path / "out").read_text() == "my notes"
    assert "out is a file: -o names a folder" in capsys.readouterr().err


def test_a_failure_while_writing_leaves_the_folder_as_it_was(inpaint, tmp_path, capsys, monkeypatch):
    def full(self, path):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Image.Image, "save", full)
    assert "No space left on device" in refused(capsys, inpaint("--method", "lafin"), tmp_path / "out")


def test_a_published_file_of_the_wrong_kind_is_refused(tmp_path, capsys):
    (tmp_path / "weights.pth").write_bytes(b"none")
    out = tmp_path / "out.safetensors"
    message = refused(
        capsys, main(["convert", "--method", "ctsdg", str(tmp_path / "weights.pth"), "-o", str(out)]), out
    )
    assert "weights.pth does not hold weights alone" in message


def test_a_worker_without_settings_says_which_one_to_set(capsys, monkeypatch):
    monkeypatch.delenv("VERMILION_BROKER_URL", raising=False)
    assert main(["worker"]) == 2
    assert "set VERMILION_BROKER_URL" in capsys.readouterr().err


@pytest.mark.slow
def test_the_command_ends_with_the_exit_code(tmp_path):
    command = [sys.executable, "-m", "inference", "inpaint", "photo.png", "mask.png", "-o", "out"]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert ended.stderr == "python -m inference: photo.png cannot be read: No such file or directory\n"

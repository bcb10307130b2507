"""Irregular masks from files: drawn from a seed or brought along, sorted into three groups, counted, drawn by share."""

import hashlib
import io
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from training.cli import main
from training.errors import CommandError
from training.holes import centre, draw_hole, read_masks
from training.holes.files import BOUNDS, GROUPS, MaskFiles, binarised, encoded, group_of
from training.settings.shares import HoleShares


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A drawn set: four masks of each group to train, two to validate."""
    folder = tmp_path_factory.mktemp("masks")
    assert main(["masks", "draw", str(folder), "--train", "4", "--valid", "2", "--seed", "5", "--side", "128"]) == 0
    return folder


@pytest.fixture
def brought(tmp_path: Path) -> Path:
    """Masks as others publish them: bars of 10, 30 and 50 % in grey and in colour, one empty, one full."""
    folder = tmp_path / "brought"
    folder.mkdir()
    for number, share in enumerate([0.1, 0.3, 0.5] * 3 + [0, 1]):
        mask = np.zeros((64, 200), np.uint8)
        mask[:, : round(200 * share)] = 255
        mask[0, 0] = number + 1  # so that no two files are the same
        Image.fromarray(mask).convert("RGB" if number % 2 else "L").save(folder / f"{number:02d}.png")
    main(["manifest", "write", str(folder), "--licence", "CC0-1.0", "--source", "drawn here"])
    return folder


def test_a_drawn_set_lies_in_its_groups(drawn: Path) -> None:
    masks = read_masks(drawn, "train", per_group=4)
    for group, (low, high) in enumerate(pairwise(BOUNDS)):
        shares = [masks.hole(group, number).mean() for number in range(4)]
        assert all(low < share <= high for share in shares)
        assert len(set(shares)) == 4
    assert len(read_masks(drawn, "valid", held_per_group=2).groups[0]) == 2


def test_the_same_seed_draws_the_same_bytes(drawn: Path, tmp_path: Path) -> None:
    again = ["--train", "4", "--valid", "2", "--side", "128"]
    main(["masks", "draw", str(tmp_path / "same"), *again, "--seed", "5"])
    main(["masks", "draw", str(tmp_path / "other"), *again, "--seed", "6"])
    assert digests(tmp_path / "same") == digests(drawn)
    assert digests(tmp_path / "other").isdisjoint(digests(drawn))


def digests(folder: Path) -> set[str]:
    return {hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.rglob("*.png")}


def test_a_set_that_was_cut_off_is_completed(drawn: Path, tmp_path: Path) -> None:
    command = ["masks", "draw", str(tmp_path), "--train", "4", "--valid", "2", "--seed", "5", "--side", "128"]
    main(command)
    kept = next((tmp_path / "train" / GROUPS[0]).iterdir()).stat().st_mtime_ns
    next((tmp_path / "valid" / GROUPS[2]).iterdir()).unlink()
    (tmp_path / "manifest.json").unlink()
    assert main(command) == 0
    assert next((tmp_path / "train" / GROUPS[0]).iterdir()).stat().st_mtime_ns == kept
    assert digests(tmp_path) == digests(drawn)


def test_a_folder_with_another_set_is_refused(drawn: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["masks", "draw", str(drawn), "--train", "4", "--valid", "2", "--seed", "6"]) == 2
    assert "made with other settings" in capsys.readouterr().err


@pytest.mark.parametrize("wrong", ["--train=0", "--valid=-1", "--seed=-1", "--side=8"])
def test_numbers_that_make_no_set_are_refused(tmp_path: Path, wrong: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["masks", "draw", str(tmp_path), wrong]) == 2
    assert wrong.split("=")[0] in capsys.readouterr().err


@pytest.mark.parametrize("threshold", ["-5", "255"])
def test_a_threshold_that_no_byte_can_pass_or_every_byte_does_is_refused(
    drawn: Path, threshold: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["masks", "count", str(drawn), "--threshold", threshold]) == 2
    assert "between 0 and 254" in capsys.readouterr().err


def test_sixteen_bits_are_brought_to_eight_before_the_threshold(tmp_path: Path) -> None:
    values = np.zeros((256, 256), np.uint16)
    values[:, :64], values[:, 64:128] = 65535, 200
    file = io.BytesIO()
    Image.fromarray(values).save(file, "PNG")
    assert binarised("mask.png", file.getvalue(), 100).mean() == 0.25


def test_masks_of_any_kind_of_file_are_sorted_by_their_share_of_hole(
    brought: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["masks", "count", str(brought)]) == 0
    line = capsys.readouterr().out.splitlines()[-1]
    assert line == ("train and valid together: 3 of 0-20 %, 3 of 20-40 %, 3 of 40-60 %; 2 empty or above 60 %")


def test_one_folder_is_split_so_that_no_mask_is_in_both(brought: Path) -> None:
    train = read_masks(brought, "train", per_group=2, held_per_group=1)
    valid = read_masks(brought, "valid", per_group=2, held_per_group=1)
    assert [len(group) for group in train.groups + valid.groups] == [2, 2, 2, 1, 1, 1]
    again = read_masks(brought, "train", per_group=2, held_per_group=1)
    assert all(np.array_equal(one, other) for one, other in zip(train.groups, again.groups, strict=True))


def test_too_few_masks_are_refused_with_both_numbers(brought: Path) -> None:
    with pytest.raises(CommandError, match="3 masks of 0-20 % for train, and 3300 are wanted"):
        read_masks(brought)
    with pytest.raises(CommandError, match="1 masks of 0-20 % for valid, and 2 are wanted"):
        read_masks(brought, "valid", per_group=2, held_per_group=2)


def test_a_changed_mask_is_refused_by_name(brought: Path) -> None:
    (brought / "04.png").write_bytes((brought / "05.png").read_bytes())
    with pytest.raises(CommandError, match=r"04\.png is not the file that the manifest lists"):
        read_masks(brought, per_group=1)


@pytest.mark.parametrize(
    ("share", "group"), [(0.0, None), (0.001, 0), (0.2, 0), (0.201, 1), (0.4, 1), (0.6, 2), (0.61, None), (1.0, None)]
)
def test_the_groups_meet_without_overlap(share: float, group: int | None) -> None:
    assert group_of(share) == group


def test_colour_counts_as_grey_and_the_threshold_decides(tmp_path: Path) -> None:
    grey = np.zeros((256, 256), np.uint8)
    grey[:64], grey[64:128] = 255, 100
    Image.fromarray(np.stack([grey] * 3, 2)).save(tmp_path / "mask.png")
    content = (tmp_path / "mask.png").read_bytes()
    assert binarised("mask.png", content, 100).mean() == 0.25
    assert binarised("mask.png", content, 0).mean() == 0.5


def test_a_mask_survives_its_file() -> None:
    hole = centre(256)
    assert np.array_equal(binarised("centre.png", encoded(hole), 100), hole)


def test_shares_choose_files_and_groups() -> None:
    middle = np.packbits(centre(256), axis=1)[None]
    masks = MaskFiles((np.zeros_like(middle), middle, np.zeros_like(middle)), "0" * 64)
    shares = HoleShares(clinical=0, files=1, masks="masks", groups=(0, 1, 0))
    hole = draw_hole(np.zeros((68, 2)), shares, np.random.default_rng(0), 128, masks)
    assert np.array_equal(hole, centre(128))
    with pytest.raises(ValueError, match="none were read"):
        draw_hole(np.zeros((68, 2)), shares, np.random.default_rng(0), 128)


def test_a_mask_file_is_mirrored_with_its_face_and_a_drawn_hole_is_not(drawn: Path) -> None:
    masks = read_masks(drawn, "train", per_group=4)
    landmarks = np.full((68, 2), 128.0)
    for shares, turned in ((HoleShares(clinical=0.0, files=1.0, masks="m"), True), (HoleShares(0.0, block=1.0), False)):
        plain, mirrored = (
            draw_hole(landmarks, shares, np.random.default_rng(3), 256, masks, mirrored=which)
            for which in (False, True)
        )
        assert np.array_equal(mirrored, plain[:, ::-1] if turned else plain)


def test_no_hole_at_all_can_be_asked_for() -> None:
    shares = HoleShares(clinical=0.0, nothing=1.0)
    assert not draw_hole(np.full((68, 2), 128.0), shares, np.random.default_rng(3), 256).any()

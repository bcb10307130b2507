"""Rosa measures a folder of checkpoints: tables, cards, sheets, and a clear word where something is missing."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from inference.card import Card
from inference.checkpoint import load, save
from inference.networks import NETWORKS
from training.cli import main
from training.commands import measure, paper_side
from training.data.faces import Faces
from training.errors import CommandError
from training.holes import read_masks
from training.measures.distances import hole_psnr, psnr
from training.measures.fillers import telea
from training.measures.questions import CLINICAL, Question, face_questions, questions_of


def weights(folder: Path, seed: int = 1, **switches: bool) -> Path:
    """A folder with one small network of INCLG that has learnt nothing."""
    torch.manual_seed(seed)
    network = NETWORKS["inclg"](width=0.125, **switches)
    fields = {"method": "inclg", "config": network.config, "manifest_digest": "ab" * 32, "settings": {}, "metrics": {}}
    card = Card(**fields, commit="0123abc", licence="CC0-1.0", command="python -m training train", seed=seed)
    save(folder / "inclg.safetensors", network.state_dict(), card)
    return folder


@pytest.fixture
def people(monkeypatch: pytest.MonkeyPatch, faces: Faces) -> list[Question]:
    """Drawn faces in the place of rendered ones, and patients of all sides among them."""
    sides = ("left", "right", "bilateral")
    asked = questions_of(faces, CLINICAL)
    patients = [
        Question(q.image, q.hole, q.truth, q.landmarks, sides[i % 3], 0.2 + 0.1 * i) for i, q in enumerate(asked)
    ]
    monkeypatch.setattr(measure, "face_questions", lambda folder, limit, split: asked[:limit])
    monkeypatch.setattr(measure, "cleft_questions", lambda folder, limit: patients[:limit])
    monkeypatch.setattr(paper_side, "read_faces", lambda folder, split, unasked: faces)
    return patients


def run(folder: Path, *more: str, clefts: bool = True) -> int:
    people = ["--faces", "held", *(["--clefts", "clefts"] if clefts else []), "--limit", "3", "--threads", "1"]
    return main(["measure", str(folder), *people, *map(str, more)])


def cells(printed: str, row: str) -> list[str]:
    line = next(line for line in printed.splitlines() if line.startswith(f"| {row} "))
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_rosa_reads_one_table_of_the_hole_one_of_the_picture_and_one_by_side(tmp_path, people, capsys) -> None:
    assert run(weights(tmp_path)) == 0
    printed = capsys.readouterr().out
    assert printed.index("PSNR and SSIM inside the hole") < printed.index("The whole picture")
    answers = telea([one.asked for one in people[:3]])
    values = [hole_psnr(a.picture, one.truth, one.hole) for one, a in zip(people[:3], answers, strict=True)]
    assert cells(printed, "telea")[1].startswith(f"{np.mean(values):.2f} (")
    assert "left (N = 1)" in printed
    assert "mild (N = 1)" in printed


def test_faces_alone_are_enough(tmp_path, people, capsys) -> None:
    assert run(weights(tmp_path / "new"), "--record", "--keep-better", tmp_path / "kept", clefts=False) == 0
    printed = capsys.readouterr().out
    assert "clefts" not in printed.split("inclg: copied to")[0]
    card = load(tmp_path / "kept" / "inclg.safetensors").card
    assert card.metrics["faces_count"] == 3
    assert "clefts_count" not in card.metrics
    assert card.command.endswith("--faces held --limit 3")


def test_what_clefts_decide_needs_clefts(tmp_path, people, capsys) -> None:
    assert run(weights(tmp_path), "--by", "both", clefts=False) == 2
    assert capsys.readouterr().err == "error: --by both needs patients: give --clefts, or decide --by faces\n"


def test_figures_by_share_of_hole_come_from_mask_files_where_they_are_given(tmp_path, people, capsys) -> None:
    weights(tmp_path / "weights")
    assert main(["masks", "draw", str(tmp_path / "masks"), "--train", "1", "--valid", "2"]) == 0
    chosen = "--tables", tmp_path / "tables", "--masks", tmp_path / "masks", "--per-group", "2"
    assert run(tmp_path / "weights", *chosen) == 0
    table = (tmp_path / "tables" / "by-share.md").read_text()
    assert f"holes of the first 2 masks of each group of {tmp_path / 'masks'}" in table
    own, ruler = cells(table, "inclg"), cells(table, "telea")
    masks = read_masks(tmp_path / "masks", "valid", held_per_group=2)
    holes = [masks.hole(0, number % 2) for number in range(3)]
    asked = [Question(one.truth, hole, one.truth, one.landmarks) for one, hole in zip(people, holes, strict=False)]
    answers = telea([one.asked for one in asked])
    values = [psnr(answer.picture, one.truth) for answer, one in zip(answers, asked, strict=True)]
    assert ruler[1] == f"{np.mean(values):.2f}"
    assert float(own[4]) > 0
    assert ruler[4] == "-"
    assert own[5] == "-"


def test_another_folder_stands_beside_under_its_name(tmp_path, people, capsys) -> None:
    weights(tmp_path / "new", 1)
    weights(tmp_path / "first", 2)
    assert run(tmp_path / "new", "--against", tmp_path / "first") == 0
    assert f"| inclg ({tmp_path / 'first'}) " in capsys.readouterr().out


def test_the_card_keeps_figures_number_and_command(tmp_path, people) -> None:
    before = load(weights(tmp_path) / "inclg.safetensors")
    assert run(tmp_path, "--record") == 0
    after = load(tmp_path / "inclg.safetensors")
    assert after.card.metrics["clefts_count"] == 3
    assert after.card.command.endswith(f"measure {tmp_path} --faces held --clefts clefts --limit 3")
    assert all(torch.equal(a, b) for a, b in zip(after.network.parameters(), before.network.parameters(), strict=True))


def test_the_better_folder_takes_what_is_better_and_says_so(tmp_path, people, capsys) -> None:
    weights(tmp_path / "new")
    assert run(tmp_path / "new", "--keep-better", tmp_path / "kept") == 0
    assert "inclg: copied to" in capsys.readouterr().out
    assert run(tmp_path / "new", "--keep-better", tmp_path / "kept", "--by", "both") == 0
    assert "inclg: kept the one in" in capsys.readouterr().out


def test_the_papers_tables_are_written_and_the_missing_fid_says_what_to_give(tmp_path, people, capsys) -> None:
    weights(tmp_path / "weights")
    weights(tmp_path / "ablation" / "baseline-1", gated=False, landmarks=False)
    tables = tmp_path / "tables"
    assert run(tmp_path / "weights", "--tables", tables, "--ablation", tmp_path / "ablation") == 0
    assert {path.name for path in tables.glob("table-*")} == {
        f"table-{number}.{form}" for number in ("iii", "iv") for form in ("md", "csv", "tex")
    }
    own = cells((tables / "table-iii.md").read_text(), "Ours (INCLG)")
    assert all(cell.startswith("/ ") and float(cell[2:]) for cell in own[1::3])
    assert set(own[3::3]) == {"/"}
    assert float(cells((tables / "table-iv.md").read_text(), "Baseline")[1][2:])
    assert "no FID: give the Inception weights with --inception FILE" in capsys.readouterr().out


def test_a_sheet_of_mouths_is_drawn(tmp_path, people) -> None:
    assert run(weights(tmp_path), "--sheet", tmp_path / "sheet.png", "--mouths") == 0
    assert (tmp_path / "sheet.png").stat().st_size > 1000


def test_a_cache_keeps_what_the_classical_inpainters_said(tmp_path, people) -> None:
    assert run(weights(tmp_path / "weights"), "--cache", tmp_path / "cache") == 0
    asked = {name: len(list((tmp_path / "cache" / name).glob("*.npy"))) for name in ("telea", "navier-stokes")}
    assert asked == {"telea": 3, "navier-stokes": 3}


def test_an_empty_folder_is_refused_with_the_command_that_trains(tmp_path, people, capsys) -> None:
    assert run(tmp_path) == 2
    assert "python -m training train" in capsys.readouterr().err


def test_a_checkpoint_without_its_card_is_refused(tmp_path, people, capsys) -> None:
    weights(tmp_path)
    (tmp_path / "inclg.json").unlink()
    assert run(tmp_path) == 2
    assert "inclg.json" in capsys.readouterr().err


def test_prepared_faces_are_measured_on_the_split_that_is_asked_for(prepared_folder: Path, faces: Faces) -> None:
    for split, first, last in (("test", 5, 6), ("valid", 3, 5)):
        asked = face_questions(prepared_folder, split=split)
        assert [one.truth.tobytes() for one in asked] == [image.tobytes() for image in faces.images[first:last]]
    assert len(face_questions(prepared_folder)) == 1
    with pytest.raises(CommandError, match="no split 'held'; it has train, valid, test"):
        face_questions(prepared_folder, split="held")


@pytest.mark.parametrize("option", ["--batch", "--limit", "--threads"])
def test_numbers_below_one_are_refused(tmp_path, people, capsys, option: str) -> None:
    assert run(tmp_path, option, "0") == 2
    assert f"{option} is 1 or more" in capsys.readouterr().err


def test_no_inception_weights_in_the_file_is_one_clear_line_before_a_hole_is_filled(tmp_path, people, capsys) -> None:
    (tmp_path / "none.pth").write_text(json.dumps({}))
    assert run(weights(tmp_path), "--tables", tmp_path / "tables", "--inception", tmp_path / "none.pth") == 2
    printed = capsys.readouterr()
    assert printed.err.startswith(f"error: {tmp_path / 'none.pth'} does not hold the Inception weights")
    assert printed.err.count("\n") == 1
    assert not printed.out


def test_a_sheet_without_its_folder_is_refused_before_a_hole_is_filled(tmp_path, people, capsys) -> None:
    assert run(weights(tmp_path), "--sheet", tmp_path / "none" / "sheet.png") == 2
    assert (
        capsys.readouterr().err == f"error: --sheet: there is no folder {tmp_path / 'none'}; make it, or name another\n"
    )

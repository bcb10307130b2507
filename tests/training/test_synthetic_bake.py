"""Baking the head: MakeHuman's axes and units become the scene's, and only what moves is kept."""

import gzip
from pathlib import Path

import numpy as np
import pytest

from training.synthetic import bake
from training.synthetic.asset import LEFT_EYE, SKIN, head


def test_forward_becomes_minus_y_up_becomes_z_and_decimetres_become_metres() -> None:
    forward_up = bake.to_scene_axes(np.array([[1, 20, 3]], np.float32))
    assert forward_up == pytest.approx(np.array([[0.1, -0.3, 2.0]]))


def test_a_target_moves_only_the_vertices_it_names(tmp_path: Path) -> None:
    path = tmp_path / "chin-height-incr.target.gz"
    path.write_bytes(gzip.compress(b"# CC0\n2 .5 0 -1\n"))
    shift = bake.read_target(path, 4)
    assert shift[2] == pytest.approx([0.05, 0.1, 0])
    assert not shift[[0, 1, 3]].any()


def test_expression_units_are_named_by_their_people() -> None:
    path = Path("mouth-open.target.gz")
    assert bake.target_name("expression/units/asian", path) == "expression/asian/mouth-open"
    assert bake.target_name("mouth", path) == "mouth-open"


def test_clothes_of_the_base_mesh_stay_out(tmp_path: Path) -> None:
    obj = tmp_path / "base.obj"
    obj.write_text(
        "v 0 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0\nvt 0 0\ng body\nf 1/1 2/1 3/1 4/1\ng helper-skirt\nf 4/1 3/1 2/1 1/1\n"
    )
    _, _, quads = bake.read_obj(obj)
    assert [group for group, _, _ in quads] == ["body"]


def test_the_baked_head_looks_to_minus_y_with_the_left_eye_on_plus_x() -> None:
    asset = head()
    assert asset.vertices[asset.part == LEFT_EYE, 0].min() > 0
    nose = asset.vertices[asset.landmark_corners[30, 0]]
    ear = asset.vertices[asset.part == SKIN][:, 1].max()
    assert nose[1] < ear


def test_a_missing_mask_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="mpfb_lips"):
        bake.read_mask(tmp_path, "lips")

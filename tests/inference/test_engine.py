"""The engine takes a canonical pair and gives a picture back, the same for every lip under the hole."""

import numpy as np
import pytest
import torch

from inference import checkpoint
from inference.canonical import CanonicalError
from inference.checkpoint import Checkpoint, CheckpointError
from inference.engine import Engine, EngineError, load_engines
from inference.networks import Inpainting

METHODS = ["inclg", "edgeconnect", "lafin", "ctsdg"]


@pytest.fixture
def make_engine(make_network, make_card):
    def make(method: str) -> Engine:
        return Engine(Checkpoint(make_network(method).eval(), make_card(method)))

    return make


class Painter(torch.nn.Module):
    """A network that paints the same picture (anything that fits 3 x 256 x 256) whatever it sees."""

    def __init__(self, picture: torch.Tensor) -> None:
        super().__init__()
        self.picture = picture

    def forward(self, image, hole):
        return Inpainting(self.picture.expand_as(image), None, None)


@pytest.mark.parametrize("method", METHODS)
def test_pixels_under_the_hole_never_matter(method, make_engine, crop, hole):
    engine = make_engine(method)
    other = crop.copy()
    other[hole] = np.random.default_rng(3).integers(0, 256, (int(hole.sum()), 3))
    first, second = engine.inpaint(crop, hole), engine.inpaint(other, hole)
    assert np.array_equal(first.image[hole], second.image[hole])
    if first.landmarks is not None:
        assert np.array_equal(first.landmarks, second.landmarks)


@pytest.mark.parametrize("method", METHODS)
def test_networks_ignore_what_lies_under_the_hole_even_unblanked(method, make_network, pair):
    network = make_network(method).eval()
    image, hole = pair
    other = torch.where(hole.bool(), torch.rand_like(image), image)
    with torch.inference_mode():
        first, second = network(image, hole), network(other, hole)
    assert torch.equal(first.image, second.image)
    for one, two in ((first.landmarks, second.landmarks), (first.edges, second.edges)):
        assert (one is None and two is None) or torch.equal(one, two)


@pytest.mark.parametrize("method", METHODS)
def test_the_result_is_the_crop_outside_the_hole(method, make_engine, crop, hole):
    result = make_engine(method).inpaint(crop, hole)
    assert result.image.dtype == np.uint8
    assert np.array_equal(result.image[~hole], crop[~hole])
    assert not np.array_equal(result.image[hole], crop[hole])
    assert result.seconds > 0


@pytest.mark.parametrize(("method", "predicts"), [("inclg", True), ("edgeconnect", False), ("lafin", True)])
def test_landmarks_come_from_the_methods_that_predict_them(method, predicts, make_engine, crop, hole):
    landmarks = make_engine(method).inpaint(crop, hole).landmarks
    assert (landmarks is not None and landmarks.shape == (68, 2)) if predicts else landmarks is None


def test_a_value_becomes_a_byte_by_truncation(make_card, crop, hole):
    result = Engine(Checkpoint(Painter(torch.tensor(0.9999)), make_card())).inpaint(crop, hole)
    assert (result.image[hole] == 254).all()


def test_every_byte_value_survives_the_way_through_a_network(make_card, crop):
    ramp = torch.arange(256).float() / 255
    hole = np.ones((256, 256), dtype=bool)
    hole[0] = False
    result = Engine(Checkpoint(Painter(ramp), make_card())).inpaint(crop, hole)
    assert (result.image[1:] == np.arange(256)[:, None]).all()


def test_an_answer_that_is_no_number_is_an_error(make_card, crop, hole):
    with pytest.raises(EngineError, match="no numbers"):
        Engine(Checkpoint(Painter(torch.tensor(float("nan"))), make_card())).inpaint(crop, hole)


def test_an_empty_hole_is_refused(make_engine, crop, hole):
    with pytest.raises(CanonicalError, match="the mask is empty"):
        make_engine("edgeconnect").inpaint(crop, np.zeros_like(hole))


def test_a_crop_of_another_size_is_refused(make_engine, crop, hole):
    with pytest.raises(CanonicalError, match="256 x 256 x 3 bytes"):
        make_engine("edgeconnect").inpaint(crop[:128], hole)


def test_a_device_that_is_not_there_is_named(make_network, make_card):
    with pytest.raises(EngineError, match="the device cuda:9 cannot be used here"):
        Engine(Checkpoint(make_network(), make_card()), device="cuda:9")


def test_a_folder_of_checkpoints_becomes_engines(weights, crop, hole):
    engines = load_engines(weights)
    assert sorted(engines) == ["edgeconnect", "lafin"]
    assert engines["lafin"].inpaint(crop, hole).image.shape == (256, 256, 3)


@pytest.mark.parametrize("folder", ["", "nowhere"])
def test_a_folder_without_checkpoints_says_so(tmp_path, folder):
    with pytest.raises(CheckpointError, match=r"no checkpoint of inclg, .* lies in .*: train or convert one"):
        load_engines(tmp_path / folder)


def test_a_checkpoint_under_another_methods_name_is_refused(tmp_path, make_network, make_card):
    checkpoint.save(tmp_path / "lafin.safetensors", make_network().state_dict(), make_card())
    with pytest.raises(CheckpointError, match=r"lafin\.safetensors is a checkpoint of edgeconnect"):
        load_engines(tmp_path)


def test_a_damaged_checkpoint_of_another_method_is_none_of_our_business(weights):
    (weights / "lafin.safetensors").write_bytes(b"damaged")
    assert list(load_engines(weights, ["edgeconnect"])) == ["edgeconnect"]

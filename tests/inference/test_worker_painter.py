"""The painter: which checkpoint it takes, and that a failure is one word and never a text."""

import time
import uuid

import numpy as np
import pytest

from inference import checkpoint as checkpoints
from inference import painter as painting
from inference.answering import PaintError
from inference.contract import Order, OrderHeader, OutcomeStatus
from inference.painter import Painter


@pytest.fixture
def folder(tmp_path, make_card, make_network):
    """A folder with one small EdgeConnect."""
    checkpoints.save(tmp_path / "edgeconnect.safetensors", make_network().state_dict(), make_card())
    return tmp_path


@pytest.fixture
def order(folder, crop, hole) -> Order:
    digest = checkpoints.read_card(folder / "edgeconnect.safetensors").sha256
    return Order(bytes(32), bytes(32), bytes.fromhex(digest), 1, hole, np.where(hole[..., None], np.uint8(0), crop))


def header(method: str = "edgeconnect") -> OrderHeader:
    now = int(time.time())
    return OrderHeader(uuid.uuid4(), 1, method, now, now + 60, bytes(8), bytes(8))


def status(painter: Painter, order: Order, method: str = "edgeconnect") -> OutcomeStatus:
    with pytest.raises(PaintError) as caught:
        painter(header(method), order)
    return caught.value.status


def test_the_hole_is_filled_and_the_rest_is_kept(folder, order, hole):
    painted = Painter(folder)(header(), order)

    assert (painted.pixels[~hole] == order.pixels[~hole]).all()
    assert painted.pixels[hole].any()
    assert painted.seconds > 0


def test_a_checkpoint_is_loaded_once_and_kept(folder, order, monkeypatch):
    painter = Painter(folder)
    painter(header(), order)
    monkeypatch.setattr(painting.checkpoints, "load", lambda *_, **__: pytest.fail("loaded again"))

    painter(header(), order)


def test_a_digest_that_is_not_there_is_missing(folder, order):
    unknown = Order(bytes(32), bytes(32), b"x" * 32, 1, order.hole, order.pixels)

    assert status(Painter(folder), unknown) is OutcomeStatus.CHECKPOINT_MISSING


def test_another_method_s_checkpoint_is_missing(folder, order):
    assert status(Painter(folder), order, "lafin") is OutcomeStatus.CHECKPOINT_MISSING


def test_a_checkpoint_that_came_later_is_found(folder, order, tmp_path_factory):
    elsewhere, empty = tmp_path_factory.mktemp("elsewhere"), tmp_path_factory.mktemp("empty")
    painter = Painter(empty)
    assert status(painter, order) is OutcomeStatus.CHECKPOINT_MISSING
    for file in folder.iterdir():
        (elsewhere / file.name).write_bytes(file.read_bytes())
        (empty / file.name).write_bytes(file.read_bytes())

    painter(header(), order)


def test_a_damaged_checkpoint_is_refused(folder, order):
    file = folder / "edgeconnect.safetensors"
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)

    assert status(Painter(folder), order) is OutcomeStatus.CHECKPOINT_REFUSED


def test_a_card_that_cannot_be_read_is_passed_over(folder, order):
    (folder / "broken.safetensors").write_bytes(b"")
    (folder / "broken.json").write_text("{")

    Painter(folder)(header(), order)


@pytest.mark.parametrize(
    ("problem", "expected"),
    [
        (MemoryError(), OutcomeStatus.OUT_OF_MEMORY),
        (painting.torch.OutOfMemoryError(), OutcomeStatus.OUT_OF_MEMORY),
        (painting.SoftTimeLimitExceeded(), OutcomeStatus.TIMED_OUT),
        (RuntimeError("a lip at (3, 4) was 200 200 200"), OutcomeStatus.ENGINE_FAILED),
    ],
)
def test_what_goes_wrong_becomes_one_word(folder, order, monkeypatch, caplog, problem, expected):
    def fail(self, image, hole):
        raise problem

    monkeypatch.setattr(painting.Engine, "inpaint", fail)

    assert status(Painter(folder), order) is expected
    assert "lip" not in caplog.text

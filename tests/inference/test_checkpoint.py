"""A checkpoint comes back as it was saved, or not at all and with one clear reason."""

import math
from dataclasses import replace

import pytest
import torch

from inference import checkpoint
from inference.card import Card
from inference.checkpoint import CheckpointError


@pytest.fixture
def saved(tmp_path, make_network, make_card):
    """A saved EdgeConnect checkpoint and its network."""
    network = make_network()
    path = tmp_path / "edgeconnect.safetensors"
    card = checkpoint.save(path, network.state_dict(), make_card())
    return path, network, card


@pytest.mark.parametrize("method", ["inclg", "edgeconnect", "lafin", "ctsdg"])
def test_a_loaded_network_answers_as_the_saved_one_did(method, tmp_path, make_network, make_card, pair):
    network = make_network(method)
    path = tmp_path / f"{method}.safetensors"
    checkpoint.save(path, network.state_dict(), make_card(method))
    loaded = checkpoint.load(path)
    with torch.inference_mode():
        expected, answer = network.eval()(*pair).image, loaded.network(*pair).image
    assert torch.equal(expected, answer)
    assert not loaded.network.training


def test_spectral_norm_is_folded_away(saved):
    path, network, _ = saved
    assert any(key.endswith(".u") for key in network.state_dict())
    assert not any(key.endswith((".u", ".v")) for key in checkpoint.load(path).network.state_dict())


def test_a_loaded_checkpoint_can_be_saved_again(saved, tmp_path):
    path, _, card = saved
    loaded = checkpoint.load(path)
    again = checkpoint.save(tmp_path / "again.safetensors", loaded.network.state_dict(), replace(card, sha256=None))
    assert again.sha256 == card.sha256


def test_the_card_tells_the_whole_story(saved, make_card):
    path, _, card = saved
    assert checkpoint.load(path).card == card
    assert replace(card, sha256=None) == make_card()


def test_the_ablations_of_inclg_come_back_as_they_were(tmp_path, make_network, make_card):
    config = {"width": 0.125, "gated": False, "landmarks": False}
    path = tmp_path / "baseline.safetensors"
    checkpoint.save(path, make_network("inclg", **config).state_dict(), make_card("inclg", config=config))
    assert checkpoint.load(path).network.config == config


def test_loading_leaves_the_random_numbers_alone(saved):
    path, _, _ = saved
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    checkpoint.load(path)
    assert torch.equal(torch.rand(1), expected)


def test_no_half_written_file_is_left_behind(saved):
    path, _, _ = saved
    assert sorted(file.name for file in path.parent.iterdir()) == ["edgeconnect.json", "edgeconnect.safetensors"]


def test_a_flipped_bit_is_refused_before_anything_is_parsed(saved, monkeypatch):
    path, _, _ = saved
    monkeypatch.setattr(checkpoint, "parse", lambda content: pytest.fail("parsed before it was verified"))
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match=r"edgeconnect\.safetensors is damaged or not the file of its card"):
        checkpoint.load(path)


def test_a_missing_file_is_named(tmp_path, saved):
    path, _, _ = saved
    path.unlink()
    with pytest.raises(CheckpointError, match=r"edgeconnect\.safetensors cannot be read: No such file"):
        checkpoint.load(path)


def test_a_missing_card_is_named(saved):
    path, _, _ = saved
    path.with_suffix(".json").unlink()
    with pytest.raises(CheckpointError, match=r"edgeconnect\.json cannot be read: No such file"):
        checkpoint.load(path)


def test_another_checkpoints_card_is_noticed(saved, tmp_path, make_network, make_card):
    path, network, card = saved
    other = checkpoint.save(
        tmp_path / "other.safetensors", network.state_dict(), make_card(licence="all rights reserved")
    )
    path.with_suffix(".json").write_text(replace(other, sha256=card.sha256).to_json())
    with pytest.raises(
        CheckpointError, match=r"edgeconnect\.json is not the card that edgeconnect\.safetensors was saved"
    ):
        checkpoint.load(path)


def test_only_trusted_checkpoints_load_where_a_list_is_given(saved):
    path, _, card = saved
    assert checkpoint.load(path, trusted=frozenset({card.sha256})).card == card
    with pytest.raises(CheckpointError, match="not on the list of trusted checkpoints"):
        checkpoint.load(path, trusted=frozenset({"0" * 64}))


def test_weights_of_another_width_are_refused(tmp_path, make_network, make_card):
    with pytest.raises(CheckpointError, match=r"must be torch\.float32 \(\d+,.*\), not torch\.float32"):
        checkpoint.save(tmp_path / "x.safetensors", make_network(width=0.25).state_dict(), make_card())


def test_weights_of_another_method_are_refused(tmp_path, make_network, make_card):
    with pytest.raises(CheckpointError, match=r"x\.safetensors lacks .* so it is not this network's"):
        checkpoint.save(tmp_path / "x.safetensors", make_network("lafin").state_dict(), make_card())


def test_weights_that_are_not_numbers_are_refused(tmp_path, make_network, make_card):
    state = make_network().state_dict()
    state["inpainter.encoder.0.conv.bias"][0] = math.nan
    with pytest.raises(CheckpointError, match="holds values that are not finite"):
        checkpoint.save(tmp_path / "x.safetensors", state, make_card())


def test_a_checkpoint_is_a_safetensors_file(tmp_path, make_network, make_card):
    with pytest.raises(CheckpointError, match="python -m inference convert"):
        checkpoint.save(tmp_path / "x.pth", make_network().state_dict(), make_card())


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("method", "gan"),
        ("config", {"width": math.inf}),
        ("config", {"width": "wide"}),
        ("manifest_digest", "abc"),
        ("settings", []),
        ("metrics", {"psnr": math.nan}),
        ("commit", ""),
        ("licence", "  "),
        ("command", None),
        ("seed", -1),
        ("seed", True),
        ("sha256", "A" * 64),
    ],
)
def test_a_wrong_field_of_a_card_is_named(make_card, field, value):
    with pytest.raises(CheckpointError, match=f"the card's {field} must be"):
        make_card(**{field: value})


@pytest.mark.parametrize("config", [{"width": 2.0}, {"width": 0}, {"depth": 3}])
def test_a_config_that_no_network_has_is_refused(tmp_path, make_network, make_card, config):
    with pytest.raises(CheckpointError, match="the card's config does not fit edgeconnect"):
        checkpoint.save(tmp_path / "x.safetensors", make_network().state_dict(), make_card(config=config))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        "null",
        "[" * 100_000,
        '{"format": "vermilion-checkpoint-1"}',
        '{"format": "vermilion-checkpoint-2"}',
        "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"),
    ],
)
def test_a_text_that_is_no_card_is_refused(text):
    with pytest.raises(CheckpointError):
        Card.from_json(text)


def test_a_card_with_nan_is_refused(make_card):
    text = replace(make_card(), sha256="0" * 64).to_json().replace("24.5", "NaN")
    with pytest.raises(CheckpointError, match="NaN, which is no number"):
        Card.from_json(text)

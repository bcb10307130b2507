"""Published files become checkpoints once, or are refused with the key that is wrong."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from inference import checkpoint
from inference.convert import ConvertError, convert
from inference.networks import NETWORKS
from inference.networks.spectral import spectral_sigma
from inference.published import PUBLISHED, published_keys

Tensors = dict[str, torch.Tensor]


@pytest.fixture
def publish(tmp_path) -> Callable[..., list[Path]]:
    """Writes a method's published files, all ones and of full size on paper only; `change` may spoil the last."""

    def write(method: str, change: Callable[[Tensors], object] = lambda tensors: None, prefix: str = "") -> list[Path]:
        with torch.device("meta"):
            network = NETWORKS[method]()
        paths = []
        for part in PUBLISHED[method]:
            keys = published_keys(network, part)
            # One stored number seen as a whole tensor keeps these files small.
            tensors = {key: _one(key).expand(entry.shape) for key, entry in keys.items()}
            if part is PUBLISHED[method][-1]:
                change(tensors)
            paths.append(tmp_path / f"{method}{len(paths)}.pth")
            torch.save({"iteration": 1, part.slot: {prefix + key: t for key, t in tensors.items()}}, paths[-1])
        return paths

    return write


def _one(key: str) -> torch.Tensor:
    return torch.tensor(1) if key.endswith("num_batches_tracked") else torch.tensor(1.0)


def test_published_files_become_a_checkpoint_that_loads(publish, tmp_path):
    card = convert("lafin", publish("lafin"), tmp_path / "out.safetensors")
    assert checkpoint.load(tmp_path / "out.safetensors").card == card
    assert card.manifest_digest is None
    assert card.config["width"] == 1.0


def test_the_files_may_come_in_any_order(publish, tmp_path):
    card = convert("edgeconnect", publish("edgeconnect")[::-1], tmp_path / "out.safetensors")
    assert card.settings == {"converted_from": ["edgeconnect1.pth", "edgeconnect0.pth"]}


def test_names_from_training_on_several_gpus_are_understood(publish, tmp_path):
    assert convert("lafin", publish("lafin", prefix="module."), tmp_path / "out.safetensors").method == "lafin"


def test_a_missing_key_is_named(publish, tmp_path):
    files = publish("ctsdg", lambda tensors: tensors.pop("bigff.texture_gamma"))
    with pytest.raises(ConvertError, match=r"ctsdg0\.pth lacks the key bigff\.texture_gamma \(1 such\)"):
        convert("ctsdg", files, tmp_path / "out.safetensors")


def test_an_extra_key_is_named(publish, tmp_path):
    files = publish("ctsdg", lambda tensors: tensors.update(surprise=torch.zeros(1)))
    with pytest.raises(ConvertError, match=r"ctsdg0\.pth has an extra key surprise \(1 such\)"):
        convert("ctsdg", files, tmp_path / "out.safetensors")


def test_a_wrong_shape_is_named(publish, tmp_path):
    files = publish("ctsdg", lambda tensors: tensors.update({"out_layer.0.bias": torch.zeros(4)}))
    with pytest.raises(ConvertError, match=r"out_layer\.0\.bias must have the shape \(3,\), not \(4,\)"):
        convert("ctsdg", files, tmp_path / "out.safetensors")


def test_something_that_is_no_tensor_is_named(publish, tmp_path):
    files = publish("ctsdg", lambda tensors: tensors.update({"out_layer.0.bias": 3}))
    with pytest.raises(ConvertError, match=r"out_layer\.0\.bias must have the shape \(3,\), not int"):
        convert("ctsdg", files, tmp_path / "out.safetensors")


def test_a_missing_dead_layer_is_named_too(publish, tmp_path):
    files = publish("inclg", lambda tensors: tensors.pop("before_share1.0.bias"))
    with pytest.raises(ConvertError, match=r"lacks the key before_share1\.0\.bias"):
        convert("inclg", files, tmp_path / "out.safetensors")


def test_the_dead_layer_does_not_reach_the_checkpoint(publish, tmp_path):
    convert("inclg", publish("inclg"), tmp_path / "out.safetensors")
    assert not any("before_share" in key for key in checkpoint.load(tmp_path / "out.safetensors").network.state_dict())


def test_an_alias_with_values_of_its_own_is_refused(publish, tmp_path):
    alias = "auto_attn.model.shortcut.0.bias"
    files = publish("inclg", lambda tensors: tensors.update({alias: torch.zeros(256)}))
    with pytest.raises(ConvertError, match="is another name of a tensor, but its values differ"):
        convert("inclg", files, tmp_path / "out.safetensors")


def test_a_file_of_the_first_torch_gets_its_missing_vector_back(publish, tmp_path):
    torch.manual_seed(5)
    original, u = torch.randn(64, 3, 7, 7), torch.nn.functional.normalize(torch.randn(64), dim=0)
    v = torch.nn.functional.normalize(original.flatten(1).t() @ u, dim=0)
    normalised = original / spectral_sigma(original, u, v, transposed=False)
    old = {"encoder.1.weight_orig": original, "encoder.1.weight_u": u, "encoder.1.weight": normalised}
    edges, inpainter = publish("edgeconnect")
    content = torch.load(edges, weights_only=True)
    content["generator"].pop("encoder.1.weight_v")
    torch.save(content | {"generator": content["generator"] | old}, edges)
    convert("edgeconnect", [edges, inpainter], tmp_path / "out.safetensors")
    folded = checkpoint.load(tmp_path / "out.safetensors").network.state_dict()["edge_generator.encoder.0.conv.weight"]
    assert torch.allclose(folded, normalised, rtol=1e-4, atol=1e-5)


def test_half_of_a_method_is_not_enough(publish, tmp_path):
    with pytest.raises(ConvertError, match="edgeconnect also needs the file with its edge generator"):
        convert("edgeconnect", publish("edgeconnect")[1:], tmp_path / "out.safetensors")


def test_the_same_half_twice_is_refused(publish, tmp_path):
    files = publish("lafin")
    with pytest.raises(ConvertError, match="both hold the detector: give one of them"):
        convert("lafin", [files[0], files[0], files[1]], tmp_path / "out.safetensors")


def test_a_discriminator_given_by_mistake_is_recognised(tmp_path):
    torch.save({"discriminator": {"conv1.0.weight_orig": torch.zeros(1)}}, tmp_path / "InpaintingModel_dis.pth")
    with pytest.raises(ConvertError, match=r"holds discriminator \(a discriminator is only for training\)"):
        convert("inclg", [tmp_path / "InpaintingModel_dis.pth"], tmp_path / "out.safetensors")


def test_another_methods_file_is_refused(publish, tmp_path):
    with pytest.raises(ConvertError, match=r"ctsdg0\.pth lacks the key"):
        convert("inclg", publish("ctsdg"), tmp_path / "out.safetensors")


@pytest.mark.parametrize("content", [b"", b"no checkpoint", b"PK\x03\x04 damaged", b"\x80\x02cos\nsystem\n."])
def test_a_file_that_is_none_of_torchs_is_refused(content, tmp_path):
    (tmp_path / "file.pth").write_bytes(content)
    with pytest.raises(ConvertError, match=r"file\.pth does not hold weights alone"):
        convert("inclg", [tmp_path / "file.pth"], tmp_path / "out.safetensors")


def test_a_file_of_one_tensor_is_refused(tmp_path):
    torch.save(torch.zeros(3), tmp_path / "file.pth")
    with pytest.raises(ConvertError, match="it holds no dictionary"):
        convert("inclg", [tmp_path / "file.pth"], tmp_path / "out.safetensors")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ConvertError, match=r"nowhere\.pth cannot be read: No such file"):
        convert("inclg", [tmp_path / "nowhere.pth"], tmp_path / "out.safetensors")


def test_the_output_is_a_safetensors_file(tmp_path):
    with pytest.raises(ConvertError, match=r"out\.pth must end in \.safetensors"):
        convert("inclg", [tmp_path / "nowhere.pth"], tmp_path / "out.pth")


def test_a_refusal_writes_nothing(publish, tmp_path):
    files = publish("ctsdg", lambda tensors: tensors.pop("bigff.texture_gamma"))
    with pytest.raises(ConvertError):
        convert("ctsdg", files, tmp_path / "out.safetensors")
    assert [file.name for file in tmp_path.iterdir()] == ["ctsdg0.pth"]

"""Full-size networks, filled by a formula and converted from published files, still answer as they did when verified.

The vectors beside this file were written once, by `python tests/inference/test_parity.py`, from networks that agreed
with the published modules on other seeds; they are never regenerated to make a test pass.
"""

import tempfile
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch

from inference import checkpoint
from inference.convert import convert
from inference.networks import NETWORKS, Inpainting
from inference.published import PUBLISHED, published_keys
from training.recipes.discriminators import PatchDiscriminator, TwoBranchDiscriminator

pytestmark = pytest.mark.slow

SEED = 2023
VECTORS = Path(__file__).parent / "vectors" / f"seed{SEED}.npz"
FORMULA_METHOD = {"inclg": "nclg", "edgeconnect": "edgeconnect", "lafin": "lafin", "ctsdg": "ctsdg"}
FORMULA_NETWORK = {"edge_generator.": "edge_generator", "inpainter.": "inpaint_generator", "detector.": "detector"}
WEIGHT_FACTORS = {
    "query_conv.weight": 0.12,
    "fc_landmark.weight": 0.05,
    "fusion_layer1.0.weight": 0.05,
    "decoder3.1.weight": 0.5,
    "decoder.7.weight": 0.5,
}
SCALARS = {"gamma", "alpha", "landmark_gamma", "structure_gamma", "texture_gamma"}
Shapes = dict[str, tuple[int, ...]]


def generator(name: str) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(zlib.crc32(name.encode()) ^ SEED))


def unit(name: str, length: int) -> np.ndarray:
    z = generator(name).standard_normal(length)
    return z / np.sqrt((z * z).sum())


def weight(prefix: str, key: str, shapes: Shapes) -> np.ndarray:
    """A convolution's or linear layer's weight, with a rank-one spike where it is spectrally normalised."""
    shape, discriminator = shapes[key], prefix.endswith("/discriminator/")
    gain = (1.0 if prefix.startswith("ctsdg") else np.sqrt(2.0)) / np.sqrt(np.prod(shape[1:]))
    for end, factor in WEIGHT_FACTORS.items():
        gain *= factor if key.endswith(end) else 1.0
    gain *= 0.08 if prefix.startswith("lafin") and key == "fc_landmark.weight" else 1.0
    gain *= 5.0 if discriminator and key.endswith("query_conv.weight") else 1.0
    values = gain * generator(prefix + key).standard_normal(shape)
    if not key.endswith("_orig"):
        return values
    stem = key.removesuffix("_orig")
    u, v = shapes[stem + "_u"][0], shapes[stem + "_v"][0]
    spike = np.outer(unit(f"{prefix}{stem}_u", u), unit(f"{prefix}{stem}_v", v))
    if u == shape[0]:
        return values + spike.reshape(shape)
    return values + spike.reshape(shape[1], shape[0], *shape[2:]).swapaxes(0, 1)


def value(prefix: str, key: str, shapes: Shapes) -> np.ndarray:
    """One tensor of the formula; prefix is "<method>/<network>/"."""
    draw, shape = generator(prefix + key), shapes[key]
    stem, _, leaf = key.rpartition(".")
    normalisation = f"{stem}.running_mean" in shapes
    if leaf == "num_batches_tracked":
        return np.array(1000)
    if leaf == "running_var":
        return 0.75 + 0.5 * draw.random(shape)
    if leaf in ("weight_u", "weight_v"):
        return unit(prefix + key, shape[0])
    if leaf in SCALARS:
        return 0.5 + 0.1 * draw.standard_normal(shape)
    if key.endswith("prelu.weight"):
        return 0.25 + 0.05 * draw.standard_normal(shape)
    if key == "fc_landmark.bias":
        low, high = (-0.08, 1.08) if prefix.startswith("nclg") else (0.10, 1.03)
        return low + (high - low) * draw.random(shape)
    if leaf == "running_mean" or (normalisation and leaf == "bias"):
        return 0.1 * draw.standard_normal(shape)
    if normalisation and leaf == "weight":
        return 1.0 + 0.1 * draw.standard_normal(shape)
    return 0.05 * draw.standard_normal(shape) if leaf == "bias" else weight(prefix, key, shapes)


def tensor(prefix: str, key: str, shapes: Shapes) -> torch.Tensor:
    values = value(prefix, key, shapes)
    return torch.from_numpy(values if values.dtype.kind == "i" else values.astype(np.float32))


def published_files(method: str, folder: Path) -> list[Path]:
    """The generator files of a method as its authors' code would have written them, aliases, dead layers and all."""
    with torch.device("meta"):
        network = NETWORKS[method]()
    paths = []
    for part in PUBLISHED[method]:
        keys = published_keys(network, part)
        shapes = {key: entry.shape for key, entry in keys.items()}
        prefix = f"{FORMULA_METHOD[method]}/{FORMULA_NETWORK.get(part.prefix, 'generator')}/"
        first: dict[str, str] = {}
        tensors: dict[str, torch.Tensor] = {}
        for key, entry in keys.items():
            # An alias is the same tensor under a second name, whatever the formula would say to that name.
            named_first = first.setdefault(entry.ours or key, key)
            tensors[key] = tensors[named_first] if named_first in tensors else tensor(prefix, key, shapes)
        paths.append(folder / f"{method}-{len(paths)}.pth")
        torch.save({"iteration": 1, part.slot: {f"module.{key}": each for key, each in tensors.items()}}, paths[-1])
    return paths


def inputs() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """A soft random picture, a hole of two shapes, its gray image and made-up edges."""
    coarse = torch.from_numpy(generator("inputs/image").random((1, 3, 16, 16)).astype(np.float32))
    image = torch.nn.functional.interpolate(coarse, size=(256, 256), mode="bicubic", align_corners=True).clamp(0, 1)
    image = (image * 255).round() / 255
    hole = torch.zeros(1, 1, 256, 256)
    hole[:, :, 140:205, 84:171] = 1
    hole[:, :, 20:33, 40:200] = 1
    gray = (image * torch.tensor([0.2125, 0.7154, 0.0721]).view(1, 3, 1, 1)).sum(dim=1, keepdim=True)
    edge = torch.from_numpy((generator("inputs/edge").random((1, 1, 256, 256)) < 0.05).astype(np.float32))
    return image, hole, gray, edge


def answers(method: str, folder: Path) -> Inpainting:
    path = folder / f"{method}.safetensors"
    convert(method, published_files(method, folder), path)
    image, hole, gray, edge = inputs()
    with torch.inference_mode():
        return checkpoint.load(path).network(image, hole, gray=gray, edge=edge)


def sampled(picture: torch.Tensor) -> np.ndarray:
    return picture[..., ::16, ::16].numpy()


def discriminated(method: str) -> np.ndarray:
    """The scores that a method's full-size discriminator gives the input picture."""
    image, _, gray, edge = inputs()
    networks = {
        "inclg": (PatchDiscriminator(3, attention=True), "discriminator", (image,)),
        "lafin": (PatchDiscriminator(4, attention=True), "discriminator", (torch.cat((image, edge), 1),)),
        "edgeconnect": (PatchDiscriminator(2), "edge_discriminator", (torch.cat((gray, edge), 1),)),
        "ctsdg": (TwoBranchDiscriminator(), "discriminator", (image * 2 - 1, gray)),
    }
    network, name, given = networks[method]
    state = network.eval().state_dict()
    published = {key: published_discriminator_key(key) for key in state}
    shapes = {published[key]: tuple(values.shape) for key, values in state.items()}
    for key, theirs in published.items():
        state[key].copy_(tensor(f"{FORMULA_METHOD[method]}/{name}/", theirs, shapes))
    with torch.inference_mode():
        scores: torch.Tensor = network(*given)[0]
    return scores.numpy()


def published_discriminator_key(key: str) -> str:
    """The name under which the formula knows a tensor of our discriminators."""
    branch, dot, rest = key.partition(".") if key.startswith(("texture.", "structure.")) else ("", "", key)
    stem = f"{branch}_branch." if dot else ""
    if rest.startswith("convs."):
        _, index, leaf = rest.split(".")
        return f"{stem}conv{int(index) + 1}.0.weight_{'orig' if leaf == 'weight' else leaf}"
    renamed = {
        "attention.query": "auto_attn.query_conv",
        "attention.gamma": "auto_attn.gamma",
        "edge_detector.residual1.": "edge_detector.res_layer.",
        "edge_detector.residual2.0": "edge_detector.res_layer.3",
        "edge_detector.residual2.1": "edge_detector.res_layer.4",
        "edge_detector.out": "edge_detector.out_layer.0",
    }
    for ours, theirs in renamed.items():
        if rest.startswith(ours):
            return theirs + rest.removeprefix(ours)
    return rest


@pytest.fixture(scope="module")
def vectors() -> dict[str, np.ndarray]:
    with np.load(VECTORS, allow_pickle=False) as file:
        return dict(file)


@pytest.mark.parametrize("method", NETWORKS)
def test_a_converted_published_network_answers_as_verified(method, tmp_path, vectors):
    answer = answers(method, tmp_path)
    assert np.abs(sampled(answer.image) - vectors[f"{method}_image"]).max() <= 1e-5
    if answer.edges is not None:
        assert np.abs(sampled(answer.edges) - vectors[f"{method}_edges"]).max() <= 1e-5
    if answer.landmarks is not None:
        tolerance = {"inclg": 1e-5 * 256, "lafin": 2e-4}[method]
        assert np.abs(answer.landmarks.numpy() - vectors[f"{method}_landmarks"]).max() <= tolerance


@pytest.mark.parametrize("method", NETWORKS)
def test_a_published_discriminator_scores_as_verified(method, vectors):
    assert np.abs(discriminated(method) - vectors[f"{method}_scores"]).max() <= 1e-5


if __name__ == "__main__":
    written: dict[str, np.ndarray] = {}
    with tempfile.TemporaryDirectory() as name:
        for each in NETWORKS:
            result = answers(each, Path(name))
            written[f"{each}_image"] = sampled(result.image)
            written[f"{each}_scores"] = discriminated(each)
            if result.edges is not None:
                written[f"{each}_edges"] = sampled(result.edges)
            if result.landmarks is not None:
                written[f"{each}_landmarks"] = result.landmarks.numpy()
    np.savez_compressed(VECTORS, **written)

"""Turns published checkpoint files into ours, once and offline; the only module of the product that opens a pickle.

From files downloaded by an operator (read with weights_only) to a safetensors file with its card, for the engine.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from inference import checkpoint
from inference.card import Card
from inference.networks import NETWORKS
from inference.published import PUBLISHED, PublishedKey, PublishedNetwork, published_keys

PUBLISHED_LICENCE = "as published with the method's own code; see its terms before any use"
DATA_PARALLEL = "module."


class ConvertError(ValueError):
    """A published file that is not what was asked for; the message names the file and the key."""


def convert(method: str, files: Sequence[Path], out: Path, licence: str = PUBLISHED_LICENCE) -> Card:
    """Write the published files of one method as `out` (*.safetensors) with its card, and return the card.

    The files may come in any order; each must hold exactly one of the method's networks. Raises ConvertError for files
    that are missing, too many, unreadable or of another network, naming the first wrong, missing or extra key.
    """
    if out.suffix != checkpoint.SUFFIX:
        raise ConvertError(f"{out.name} must end in {checkpoint.SUFFIX}")
    with torch.device("meta"):
        network = NETWORKS[method]()
    wanted = {part: published_keys(network, part) for part in PUBLISHED[method]}
    found: dict[PublishedNetwork, Path] = {}
    state: dict[str, Tensor] = network.state_dict()
    for path in files:
        content = _opened(path)
        part = _recognised(content, wanted, path)
        if part in found:
            raise ConvertError(f"{found[part].name} and {path.name} both hold the {_label(part)}: give one of them")
        found[part] = path
        for key, tensor in _checked(content[part.slot], wanted[part], path).items():
            state[key] = tensor
    missing = [_label(part) for part in wanted if part not in found]
    if missing:
        raise ConvertError(f"{method} also needs the file with its {' and its '.join(missing)}")
    return checkpoint.save(out, state, _card(method, files, licence, network.config))


def _card(method: str, files: Sequence[Path], licence: str, config: Mapping[str, float | bool]) -> Card:
    names = [path.name for path in files]
    return Card(
        method=method,
        config=config,
        manifest_digest=None,
        settings={"converted_from": names},
        commit="published",
        metrics={},
        licence=licence,
        command=f"python -m inference convert --method {method} {' '.join(names)}",
        seed=0,
    )


def _opened(path: Path) -> Mapping[str, Any]:
    """The dictionary that a published file is, tensors on the CPU; nothing but tensors and numbers is unpickled."""
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        raise ConvertError(f"{path.name} cannot be read: {error.strerror}") from error
    except Exception as error:  # the unpickler raises almost anything on a file that is none of torch's
        raise ConvertError(f"{path.name} does not hold weights alone, so it was not opened") from error
    if not isinstance(content, Mapping):
        raise ConvertError(f"{path.name} is not a published checkpoint: it holds no dictionary")
    return content


def _recognised(
    content: Mapping[str, Any], wanted: Mapping[PublishedNetwork, Mapping[str, PublishedKey]], path: Path
) -> PublishedNetwork:
    """Which of the method's networks the file holds: the slot decides, and among equal slots the most shared keys."""
    candidates = [part for part in wanted if isinstance(content.get(part.slot), Mapping)]
    if not candidates:
        holds = ", ".join(sorted(str(key) for key in content)) or "nothing"
        slots = " or ".join(sorted({f"'{part.slot}'" for part in wanted}))
        hint = " (a discriminator is only for training)" if "discriminator" in content else ""
        raise ConvertError(f"{path.name} holds {holds}{hint}; expected was a file with {slots}")
    return max(candidates, key=lambda part: len(wanted[part].keys() & _stripped(content[part.slot]).keys()))


def _checked(tensors: Mapping[str, Any], wanted: Mapping[str, PublishedKey], path: Path) -> dict[str, Tensor]:
    """Our keys with the published tensors, every published key accounted for; dead layers are dropped."""
    stripped = _with_restored_v(_stripped(tensors))
    for wrong, keys in (
        ("lacks the key", wanted.keys() - stripped.keys()),
        ("has an extra key", stripped.keys() - wanted),
    ):
        if keys:
            raise ConvertError(f"{path.name} {wrong} {min(keys)} ({len(keys)} such)")
    ours: dict[str, Tensor] = {}
    for key, entry in wanted.items():
        tensor = stripped[key]
        if not isinstance(tensor, Tensor) or tuple(tensor.shape) != entry.shape:
            shape = tuple(tensor.shape) if isinstance(tensor, Tensor) else type(tensor).__name__
            raise ConvertError(f"{path.name}: {key} must have the shape {entry.shape}, not {shape}")
        if entry.ours is None:
            continue
        if entry.ours in ours and not torch.equal(ours[entry.ours], tensor):
            raise ConvertError(f"{path.name}: {key} is another name of a tensor, but its values differ")
        ours[entry.ours] = tensor
    return ours


def _stripped(tensors: Mapping[str, Any]) -> dict[str, Any]:
    """The tensors by their names within the network, without the prefix of training on several GPUs."""
    return {str(key).removeprefix(DATA_PARALLEL): tensor for key, tensor in tensors.items()}


def _with_restored_v(tensors: Mapping[str, Any]) -> dict[str, Any]:
    """The tensors with a `weight_v` for every spectral layer that torch 0.4 saved without one.

    Such a file holds the normalised `weight` instead; v is solved for so that u . (W v) is the ratio of the two.
    """
    restored = dict(tensors)
    for key in [key for key in tensors if key.endswith("weight_orig")]:
        stem = key.removesuffix("weight_orig")
        if stem + "weight_v" in tensors or stem + "weight" not in tensors or stem + "weight_u" not in tensors:
            continue
        weight, u = tensors[key].double(), tensors[stem + "weight_u"].double()
        normalised = restored.pop(stem + "weight").double()
        matrix = (weight if len(u) == len(weight) else weight.transpose(0, 1)).flatten(1)
        direction = torch.linalg.pinv(matrix) @ u
        sigma = (weight * normalised).sum() / normalised.square().sum()
        restored[stem + "weight_v"] = (direction * sigma / (u @ matrix @ direction)).float()
    return restored


def _label(part: PublishedNetwork) -> str:
    return f"{part.prefix.removesuffix('.') or part.slot}".replace("_", " ")

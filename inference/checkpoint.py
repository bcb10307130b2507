"""Checkpoints that describe themselves: a safetensors file and, beside it, the card that says where it comes from.

Saved by training and by inference.convert, loaded by the engine. Nothing here can run code from a file: no pickle, the
digest is compared before the bytes are parsed, and names, shapes and types must be exactly the network's.
"""

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load as parse
from safetensors.torch import save as serialise
from torch import Tensor

from inference.card import LARGEST_CARD, Card, CheckpointError
from inference.networks import NETWORKS, InpaintingNetwork
from inference.networks.spectral import fold_spectral_norm

SUFFIX = ".safetensors"
LARGEST_FILE = 1 << 30
LARGEST_HEADER = 1 << 20

__all__ = ["Card", "Checkpoint", "CheckpointError", "load", "read_card", "save"]


@dataclass(frozen=True)
class Checkpoint:
    """A network in evaluation mode, its spectral normalisation folded away, and the card of its file."""

    network: InpaintingNetwork
    card: Card


def save(path: Path, network_state: Mapping[str, Tensor], card: Card) -> Card:
    """Write the weights to `path` (*.safetensors) and the card beside it (*.json), each whole or not at all.

    `network_state` is the state dict of NETWORKS[card.method](**card.config), as trained or already folded. Returns the
    card with the file's SHA-256. Raises CheckpointError where state and card do not belong together.
    """
    _check_suffix(path)
    network = build(card)
    if network_state.keys() != network.state_dict().keys():
        fold_spectral_norm(network)
    _fill(network, {key: tensor.detach().cpu() for key, tensor in network_state.items()}, path.name)
    tensors = {key: tensor.contiguous() for key, tensor in fold_spectral_norm(network).state_dict().items()}
    _check_finite(tensors, path.name)
    # One entry only: the library writes several in random order, and equal weights should have equal digests.
    content = serialise(tensors, {"card": card.essence()})
    card = replace(card, sha256=hashlib.sha256(content).hexdigest())
    _write(path, content)
    _write(path.with_suffix(".json"), card.to_json().encode())
    return card


def load(path: Path, trusted: frozenset[str] | None = None) -> Checkpoint:
    """The checkpoint at `path`, verified against its card and, where given, against an allow-list of SHA-256 digests.

    Raises CheckpointError, naming the file, for anything missing, damaged, swapped, untrusted or not ours.
    """
    _check_suffix(path)
    card = read_card(path)
    content = _read(path, LARGEST_FILE)
    digest = hashlib.sha256(content).hexdigest()
    if digest != card.sha256:
        raise CheckpointError(f"{path.name} is damaged or not the file of its card: its SHA-256 is {digest}")
    if trusted is not None and digest not in trusted:
        raise CheckpointError(f"{path.name} is not on the list of trusted checkpoints: its SHA-256 is {digest}")
    if _header(content, path.name).get("card") != card.essence():
        raise CheckpointError(f"{path.with_suffix('.json').name} is not the card that {path.name} was saved with")
    try:
        tensors = parse(content)
    except (SafetensorError, ValueError, RuntimeError, KeyError) as error:
        raise CheckpointError(f"{path.name} is not a sound safetensors file: {error}") from error
    network = fold_spectral_norm(build(card))
    _fill(network, tensors, path.name)
    _check_finite(tensors, path.name)
    return Checkpoint(network.eval(), card)


def read_card(path: Path) -> Card:
    """The card beside the safetensors file at `path`; raises CheckpointError, naming the card's file."""
    beside = path.with_suffix(".json")
    content = _read(beside, LARGEST_CARD)
    try:
        return Card.from_json(content.decode())
    except (CheckpointError, UnicodeDecodeError) as error:
        raise CheckpointError(f"{beside.name}: {error}") from error


def build(card: Card) -> InpaintingNetwork:
    """The card's network without memory for its weights (on torch's meta device), to be filled."""
    try:
        with torch.device("meta"):
            return NETWORKS[card.method](**card.config)
    except (TypeError, ValueError) as error:
        raise CheckpointError(f"the card's config does not fit {card.method}: {error}") from error


def _fill(network: InpaintingNetwork, tensors: Mapping[str, Tensor], name: str) -> None:
    """Give the network these very tensors; every name, shape and type must be its own."""
    expected = network.state_dict()
    for wrong, keys in (("lacks", expected.keys() - tensors.keys()), ("also holds", tensors.keys() - expected.keys())):
        if keys:
            raise CheckpointError(f"{name} {wrong} {min(keys)} ({len(keys)} such), so it is not this network's")
    for key, tensor in tensors.items():
        wanted = expected[key]
        if tensor.shape != wanted.shape or tensor.dtype != wanted.dtype:
            raise CheckpointError(
                f"{name}: {key} must be {wanted.dtype} {tuple(wanted.shape)}, not {tensor.dtype} {tuple(tensor.shape)}"
            )
    network.load_state_dict(tensors, assign=True)


def _check_finite(tensors: Mapping[str, Tensor], name: str) -> None:
    for key, tensor in tensors.items():
        if not torch.isfinite(tensor).all():
            raise CheckpointError(f"{name}: {key} holds values that are not finite")


def _check_suffix(path: Path) -> None:
    if path.suffix != SUFFIX:
        raise CheckpointError(
            f"{path.name} is no {SUFFIX} file; published files are converted once with `python -m inference convert`"
        )


def _read(path: Path, largest: int) -> bytes:
    """The file's bytes, read once: what is verified is what is parsed."""
    try:
        if path.stat().st_size > largest:
            raise CheckpointError(f"{path.name} is larger than {largest >> 20} MiB")
        return path.read_bytes()
    except OSError as error:
        raise CheckpointError(f"{path.name} cannot be read: {error.strerror}") from error


def _header(content: bytes, name: str) -> dict[str, str]:
    """The text that the safetensors header carries beside its tensors."""
    length = int.from_bytes(content[:8], "little")
    if len(content) < 8 or length > min(LARGEST_HEADER, len(content) - 8):
        raise CheckpointError(f"{name} is not a safetensors file")
    try:
        metadata = json.loads(content[8 : 8 + length])["__metadata__"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise CheckpointError(f"{name} is not a safetensors file of ours: its header cannot be read") from error
    if not isinstance(metadata, dict):
        raise CheckpointError(f"{name} is not a safetensors file of ours: its header carries no card digest")
    return metadata


def _write(path: Path, content: bytes) -> None:
    """Replace the file by these bytes in one step, so that a crash leaves the old or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        try:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            Path(file.name).chmod(0o644)
            Path(file.name).replace(path)
        finally:
            Path(file.name).unlink(missing_ok=True)

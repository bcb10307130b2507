"""The perceptual and style terms: distances between what a VGG trained on ImageNet sees in two pictures.

From torchvision's weights, by path or download, to the recipes; where they lie nowhere, a stated fallback stands in.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torchvision.models import VGG16_Weights, VGG19_Weights
from torchvision.models.vgg import cfgs, make_layers

from training.errors import CommandError
from training.settings.schedule import Vgg

FALLBACK_BANDS = 0.5


@dataclass(frozen=True)
class Kind:
    """A depth of VGG: torchvision's plan and weights, and after which of its layers each term looks."""

    plan: str
    weights: VGG16_Weights | VGG19_Weights
    perceptual: tuple[int, ...]
    style: tuple[int, ...]


# VGG19 after relu1_1, 2_1, 3_1, 4_1, 5_1 and relu2_2, 3_4, 4_4, 5_2; VGG16 after its first three pools, for both terms.
KINDS: Mapping[str, Kind] = {
    "VGG19": Kind("E", VGG19_Weights.IMAGENET1K_V1, (1, 6, 11, 20, 29), (8, 17, 26, 31)),
    "VGG16": Kind("D", VGG16_Weights.IMAGENET1K_V1, (4, 9, 16), (4, 9, 16)),
}


class Critic(nn.Module):
    """A VGG that never learns; it takes pictures as they are, without ImageNet's mean and spread, as published."""

    def __init__(self, kind: str, state: Mapping[str, Tensor]) -> None:
        """Take the layers `features.*` of a torchvision state dict; raises CommandError where they are another net's.

        Channels are counted from the tensors, so that a narrow stand-in serves tests.
        """
        super().__init__()
        self.kind = KINDS[kind]
        own = {key.removeprefix("features."): value for key, value in state.items() if key.startswith("features.")}
        if not all(isinstance(value, Tensor) and key.split(".")[0].isdecimal() for key, value in own.items()):
            raise CommandError(f"vgg.weights: the file holds no {kind} of torchvision's")
        counts = [len(own[key]) for key in sorted(own, key=lambda key: int(key.split(".")[0])) if key.endswith("bias")]
        plan = list(cfgs[self.kind.plan])
        if len(counts) != sum(entry != "M" for entry in plan):
            raise CommandError(f"vgg.weights: the file holds no {kind} of torchvision's")
        channels = iter(counts)
        with torch.device("meta"):
            layers = make_layers(["M" if entry == "M" else next(channels) for entry in plan])
        try:
            layers.load_state_dict(own, assign=True)
        except RuntimeError as error:
            raise CommandError(f"vgg.weights: the file holds no {kind} of torchvision's ({error})") from error
        self.layers = layers[: max(self.kind.perceptual + self.kind.style) + 1]
        self.eval().requires_grad_(False)

    def forward(self, picture: Tensor) -> dict[int, Tensor]:
        """What each layer that a term looks at makes of N x 3 x H x W pictures."""
        seen: dict[int, Tensor] = {}
        for index, layer in enumerate(self.layers):
            picture = layer(picture)
            if index in self.kind.perceptual or index in self.kind.style:
                seen[index] = picture
        return seen

    def truth(self, picture: Tensor) -> dict[int, Tensor]:
        """The same, of a picture that nothing learns from."""
        with torch.no_grad():
            return {index: feature.detach() for index, feature in self(picture).items()}

    def perceptual(self, output: Mapping[int, Tensor], truth: Mapping[int, Tensor]) -> Tensor:
        """Sum over layers of the mean absolute difference of features."""
        return _summed([F.l1_loss(output[i].float(), truth[i].float()) for i in self.kind.perceptual])

    def style(self, output: Mapping[int, Tensor], truth: Mapping[int, Tensor]) -> Tensor:
        """Sum over layers of the mean absolute difference of Gram matrices."""
        return _summed([F.l1_loss(gram(output[i]), gram(truth[i])) for i in self.kind.style])


def gram(feature: Tensor) -> Tensor:
    """N x C x C products of an N x C x H x W feature's channels, over C * H * W."""
    with torch.autocast(feature.device.type, enabled=False):
        rows = feature.float().flatten(2)
        return torch.bmm(rows, rows.transpose(1, 2)) / rows[0].numel()


def read_critic(settings: Vgg, kind: str) -> tuple[Critic | None, str]:
    """The critic and what the card says of it; None, and which fallback stands in, where the weights lie nowhere.

    Raises CommandError for a file that is missing or another network's, and where a download fails.
    """
    if not settings.weights:
        instead = f"Laplacian bands (weight {FALLBACK_BANDS})" if settings.instead == "bands" else "nothing"
        return None, f"no {kind} weights: {instead} in place of the perceptual and style terms"
    if settings.weights == "download":
        weights = KINDS[kind].weights
        try:
            state = torch.hub.load_state_dict_from_url(weights.url, map_location="cpu", check_hash=True)
        except (URLError, OSError, RuntimeError) as error:
            raise CommandError(f"vgg.weights: {weights.url} cannot be fetched ({error}); {_by_hand(kind)}") from error
        return Critic(kind, state), f"{kind} of {weights.url}"
    path = Path(settings.weights)
    if not path.is_file():
        raise CommandError(f"vgg.weights: there is no {path}; {_by_hand(kind)}")
    content = _loaded(path, kind)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return Critic(kind, content), f"{kind} with SHA-256 {digest}"


def _loaded(path: Path, kind: str) -> dict[str, Any]:
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        # torch.load raises a dozen kinds for files that are not its own; the user's answer to all is the same.
        raise CommandError(f"vgg.weights: {path} cannot be read as weights; {_by_hand(kind)}") from error
    if not isinstance(state, dict):
        raise CommandError(f"vgg.weights: {path} holds no state dict; {_by_hand(kind)}")
    return state


def _by_hand(kind: str) -> str:
    return f"download {KINDS[kind].weights.url} and write --set vgg.weights=FILE, or leave it empty for the fallback"


def _summed(parts: Sequence[Tensor]) -> Tensor:
    return torch.stack(list(parts)).sum()

"""How published checkpoint files name what our networks name otherwise: keys, shapes, aliases and dead layers.

Read by inference.convert; the names are facts about the files, the only thing kept of the published codes.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import nn

from inference.networks.spectral import SpectralConv2d, SpectralConvTranspose2d

Shape = tuple[int, ...]
Rules = tuple[tuple[str, str], ...]

ATTENTION_RULES: Rules = (
    (r"attention\.query", "auto_attn.query_conv"),
    (r"attention\.merge\.", "auto_attn.model."),
    (r"attention\.", "auto_attn."),
)
ATTENTION_ALIASES: Rules = (
    (r"auto_attn\.model\.conv1\.", "auto_attn.model.model.1."),
    (r"auto_attn\.model\.conv2\.", "auto_attn.model.model.3."),
    (r"auto_attn\.model\.bypass\.", "auto_attn.model.shortcut.0."),
)
RESIDUAL_RULES: Rules = (
    (r"middle\.(\d)\.conv1\.", r"middle.\1.conv_block.1."),
    (r"middle\.(\d)\.conv2\.", r"middle.\1.conv_block.5."),
)
INCLG_RULES: Rules = (
    (r"encoder1\.conv\.", "encoder1.1.gate_conv."),
    (r"(encoder[23]|decoder[12])\.conv\.", r"\1.0.gate_conv."),
    (r"decoder3\.conv\.", "decoder3.1."),
    (r"fusion([12])\.conv\.", r"fushion\1.0."),
    (r"landmark_fusion\.conv\.", "fushion1_1.0."),
    (r"landmark_branch\.gamma", "landmark_gamma"),
    (r"landmark_branch\.prelu\.", "prelu."),
    (r"landmark_branch\.fc\.", "fc_landmark."),
    (r"landmark_branch\.expand\.", "conv_afteratt_first.0."),
    (r"landmark_branch\.expand_norm\.", "conv_afteratt_first.1."),
    (r"landmark_branch\.node([12])\.", r"conv_afteratt_node\1."),
    (r"landmark_branch\.node3\.", "conv_afterarr_node3."),
)
LAFIN_RULES: Rules = (
    (r"encoder1\.conv\.", "encoder1.1."),
    (r"(encoder[23]|decoder[12])\.conv\.", r"\1.0."),
    (r"decoder3\.conv\.", "decoder3.1."),
    (r"fusion([12])\.conv\.", r"fushion\1.0."),
)
DETECTOR_RULES: Rules = (
    (r"features\.0\.conv\.", "features.0.0."),
    (r"features\.0\.norm\.", "features.0.1."),
    # The first inverted residual has no expansion, so its layers count from 0; all others count from 3.
    (r"features\.1\.depthwise\.conv\.", "features.1.conv.0."),
    (r"features\.1\.depthwise\.norm\.", "features.1.conv.1."),
    (r"features\.1\.project\.conv\.", "features.1.conv.3."),
    (r"features\.1\.project\.norm\.", "features.1.conv.4."),
    (r"features\.(\d+)\.expand\.conv\.", r"features.\1.conv.0."),
    (r"features\.(\d+)\.expand\.norm\.", r"features.\1.conv.1."),
    (r"features\.(\d+)\.depthwise\.conv\.", r"features.\1.conv.3."),
    (r"features\.(\d+)\.depthwise\.norm\.", r"features.\1.conv.4."),
    (r"features\.(\d+)\.project\.conv\.", r"features.\1.conv.6."),
    (r"features\.(\d+)\.project\.norm\.", r"features.\1.conv.7."),
    (r"last\.conv\.", "last_block.0."),
    (r"last\.norm\.", "last_block.1."),
    (r"node([12])\.", r"conv_node\1."),
    (r"node3\.", "conv1_after_mbnet."),
    (r"prelu\.", "prelu."),
    (r"fc\.", "fc_landmark."),
)
EDGECONNECT_RULES: Rules = (
    (r"encoder\.0\.conv\.", "encoder.1."),
    (r"encoder\.1\.conv\.", "encoder.4."),
    (r"encoder\.2\.conv\.", "encoder.7."),
    (r"decoder\.0\.conv\.", "decoder.0."),
    (r"decoder\.1\.conv\.", "decoder.3."),
    (r"decoder\.2\.conv\.", "decoder.7."),
)
CTSDG_RULES: Rules = (
    *((rf"(texture|structure)\.encoder\.{i}\.conv\.", rf"ec_\1_{i + 1}.conv.") for i in range(7)),
    *((rf"(texture|structure)\.encoder\.{i}\.norm\.", rf"ec_\1_{i + 1}.bn.") for i in range(7)),
    *((rf"(texture|structure)\.decoder\.{i}\.conv\.", rf"dc_\1_{7 - i}.conv.") for i in range(7)),
    *((rf"(texture|structure)\.decoder\.{i}\.norm\.", rf"dc_\1_{7 - i}.bn.") for i in range(7)),
    (r"(texture|structure)_projection\.conv([12])\.", r"\1_feature_projection.\1_resolver.conv\2."),
    (r"(texture|structure)_projection\.norm([12])\.", r"\1_feature_projection.\1_resolver.bn\2."),
    (r"(texture|structure)_projection\.out\.", r"\1_feature_projection.out_layer.0."),
    (r"fusion\.(texture|structure)_gamma", r"bigff.\1_gamma"),
    (r"fusion\.(texture|structure)_gate\.", r"bigff.\1_gate.0."),
    (r"fusion([12])\.", r"fusion_layer\1.0."),
    (r"aggregation\.aggregation\.branches\.(\d)\.", r"cfa.msfa.dilated_conv_\1.0."),
    (r"aggregation\.aggregation\.weigh1\.", "cfa.msfa.weight_calc.0."),
    (r"aggregation\.aggregation\.weigh2\.", "cfa.msfa.weight_calc.2."),
    (r"out\.", "out_layer.0."),
)


@dataclass(frozen=True)
class PublishedNetwork:
    """One network of a published file: where it lies in our network (`prefix`) and in the file (`slot`)."""

    slot: str
    prefix: str
    rules: Rules
    aliases: Rules = ()
    dead: tuple[tuple[str, Shape], ...] = ()


PUBLISHED: Mapping[str, tuple[PublishedNetwork, ...]] = {
    "inclg": (
        PublishedNetwork(
            "generator",
            "",
            INCLG_RULES + RESIDUAL_RULES + ATTENTION_RULES,
            ATTENTION_ALIASES,
            (("before_share1.0.weight", (256, 128, 4, 4)), ("before_share1.0.bias", (128,))),
        ),
    ),
    "edgeconnect": (
        PublishedNetwork("generator", "edge_generator.", EDGECONNECT_RULES + RESIDUAL_RULES),
        PublishedNetwork("generator", "inpainter.", EDGECONNECT_RULES + RESIDUAL_RULES),
    ),
    "lafin": (
        PublishedNetwork("detector", "detector.", DETECTOR_RULES),
        PublishedNetwork("generator", "generator.", LAFIN_RULES + RESIDUAL_RULES + ATTENTION_RULES, ATTENTION_ALIASES),
    ),
    "ctsdg": (PublishedNetwork("generator", "", CTSDG_RULES),),
}


@dataclass(frozen=True)
class PublishedKey:
    """One tensor of a published file: its shape and the key of ours that takes it; None for a dead layer."""

    shape: Shape
    ours: str | None


def published_keys(network: nn.Module, published: PublishedNetwork) -> dict[str, PublishedKey]:
    """Every key that a published file must hold for this part of our network of published size, aliases included."""
    keys: dict[str, PublishedKey] = {}
    for ours, tensor in network.state_dict().items():
        if not ours.startswith(published.prefix):
            continue
        theirs = _renamed(_spectral_leaf(network, ours).removeprefix(published.prefix), published.rules)
        entry = PublishedKey(tuple(tensor.shape), ours)
        keys[theirs] = entry
        for pattern, alias in published.aliases:
            if re.match(pattern, theirs):
                keys[re.sub(pattern, alias, theirs)] = entry
    return keys | {key: PublishedKey(shape, None) for key, shape in published.dead}


def _spectral_leaf(network: nn.Module, key: str) -> str:
    """The key with the leaf that torch's own spectral normalisation gives it in a file."""
    stem, _, leaf = key.rpartition(".")
    if not isinstance(network.get_submodule(stem), SpectralConv2d | SpectralConvTranspose2d):
        return key
    leaves = {"weight": "weight_orig", "u": "weight_u", "v": "weight_v"}
    return f"{stem}.{leaves.get(leaf, leaf)}"


def _renamed(key: str, rules: Rules) -> str:
    for pattern, replacement in rules:
        renamed, count = re.subn(f"^{pattern}", replacement, key)
        if count:
            return renamed
    raise KeyError(f"no published name is known for {key}")


def filled(network: nn.Module, published: PublishedNetwork, tensors: Mapping[str, torch.Tensor]) -> None:
    """Copy published tensors (already checked against `published_keys`) into our network, in place."""
    state = network.state_dict()
    for theirs, entry in published_keys(network, published).items():
        if entry.ours is not None:
            state[entry.ours].copy_(tensors[theirs])

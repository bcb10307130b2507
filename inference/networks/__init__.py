"""The four inpainting networks by name, written from the methods' papers and this project's own specification.

`NETWORKS[name](**config)` builds one with fresh weights; training, checkpoints and the engine start here.
"""

from collections.abc import Mapping

from inference.networks.ctsdg import CTSDG
from inference.networks.edgeconnect import EdgeConnect
from inference.networks.inclg import INCLG
from inference.networks.inpainting import Inpainting, InpaintingNetwork, composited, filled_white
from inference.networks.lafin import LaFIn

NETWORKS: Mapping[str, type[InpaintingNetwork]] = {
    "inclg": INCLG,
    "edgeconnect": EdgeConnect,
    "lafin": LaFIn,
    "ctsdg": CTSDG,
}

__all__ = ["NETWORKS", "Inpainting", "InpaintingNetwork", "composited", "filled_white"]

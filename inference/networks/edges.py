"""Gray images and Canny edges of the known region, as the two methods with a structure stage expect them.

Used by EdgeConnect and CTSDG for their default inputs, and by training to prepare its edges once.
"""

import numpy as np
import torch
from skimage.feature import canny
from torch import Tensor

LUMINANCE = (0.2125, 0.7154, 0.0721)
CANNY_SIGMA = 2.0


def luminance(image: Tensor) -> Tensor:
    """N x 1 x H x W gray of an N x 3 x H x W image, in the same range, by the weights that both methods use."""
    weights = image.new_tensor(LUMINANCE).view(1, 3, 1, 1)
    return (image * weights).sum(dim=1, keepdim=True)


def byte_values(image: Tensor) -> Tensor:
    """The picture's bytes 0..255 as float64, so that edges do not hang on the last bit of a float32."""
    return (image.detach().double() * 255).round().clamp(0, 255)


def true_gray(image: Tensor, hole: Tensor) -> Tensor:
    """Gray in [0, 1] (float64) of the image with its hole blanked."""
    return luminance(byte_values(image * (1 - hole)) / 255)


def folded_gray(image: Tensor, hole: Tensor) -> Tensor:
    """Gray in [0, 1] (float64) of the blanked image after the byte overflow that CTSDG's published weights know.

    That code turned an image in [-1, 1] into bytes without bringing it back to [0, 1]: values wrap modulo 256, so a
    byte p becomes 2p + 1 (to 63), 2p + 2 (to 126), 0 (127) or 2p - 255 (from 128).
    """
    table = torch.arange(256, dtype=torch.float64, device=image.device)
    table = torch.where(table >= 128, 2 * table - 255, torch.where(table <= 63, 2 * table + 1, 2 * table + 2))
    table[127] = 0
    return luminance(table[byte_values(image * (1 - hole)).long()] / 255)


def canny_edges(gray: Tensor, hole: Tensor) -> Tensor:
    """Canny edges (sigma 2, thresholds 0.1 and 0.2) of N x 1 x H x W gray in [0, 1], as 0 and 1 in float32.

    The known region is Canny's mask: neither the hole's content nor its rim draws an edge.
    """
    grays = gray.detach().double().cpu().numpy()[:, 0]
    known = hole.detach().cpu().numpy()[:, 0] < 0.5
    edges = [
        canny(g, sigma=CANNY_SIGMA, mask=k)  # type: ignore[no-untyped-call]
        for g, k in zip(grays, known, strict=True)
    ]
    return torch.from_numpy(np.stack(edges)).unsqueeze(1).to(gray.device, torch.float32)

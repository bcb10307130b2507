"""Predicted landmarks drawn as single pixels, the form in which generators take them.

Used by INCLG and LaFIn and, with true landmarks, by LaFIn's training recipe.
"""

import torch
from torch import Tensor

POINTS = 68


def landmark_map(points: Tensor, height: int, width: int) -> Tensor:
    """One N x 1 x height x width map, 1 at each of N x 68 x 2 points (x, y) in its pixels; no gradient passes through.

    Points outside are drawn on the rim, coordinates are truncated (as the published weights expect), and a coordinate
    that is not a number counts as 0.
    """
    points = points.detach().float().nan_to_num(0.0)
    columns = points[..., 0].clamp(0, width - 1).long()
    rows = points[..., 1].clamp(0, height - 1).long()
    samples = torch.arange(len(points), device=points.device).unsqueeze(1).expand_as(rows)
    drawn = torch.zeros(len(points), 1, height, width, device=points.device)
    drawn[samples, 0, rows, columns] = 1.0
    return drawn

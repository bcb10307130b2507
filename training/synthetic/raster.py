"""Find which triangle every sample of the picture sees, and gather what is known there into fragments.

From projected vertices to `photograph`; a plain z-buffer in numba, one thread.
"""

import math
from dataclasses import dataclass

import numba as nb
import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]
IntArray = NDArray[np.int32]


@dataclass(frozen=True)
class Fragments:
    """What is to be shaded, once per pixel inside a surface and once per sample along its edges.

    `pixel` (N,) is the flat pixel index, `share` (N,) its part of that pixel, `values` (N, C) the vertex attributes
    there, `texture` (N, 2) texture coordinates, `part` (N,) what it is made of.
    """

    pixel: IntArray
    share: FloatArray
    values: FloatArray
    texture: FloatArray
    part: NDArray[np.uint8]


@nb.njit(cache=True, fastmath=True)
def visible(
    points: FloatArray, triangles: IntArray, width: int, height: int
) -> tuple[IntArray, FloatArray, FloatArray]:
    """The nearest triangle per sample: index (H, W) or -1, its second and third weight (H, W, 2), nearness (H, W).

    `points` (V, 3) are x and y in samples and depth in metres; weights are true in perspective, nearness is 1/depth.
    """
    nearest = np.full((height, width), -1, np.int32)
    nearness = np.zeros((height, width), np.float32)
    weight = np.zeros((height, width, 2), np.float32)
    for t in range(triangles.shape[0]):
        a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        x0, y0, x1, y1, x2, y2 = points[a, 0], points[a, 1], points[b, 0], points[b, 1], points[c, 0], points[c, 1]
        area = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)
        left, right = max(math.ceil(min(x0, x1, x2)), 0), min(math.floor(max(x0, x1, x2)), width - 1)
        top, bottom = max(math.ceil(min(y0, y1, y2)), 0), min(math.floor(max(y0, y1, y2)), height - 1)
        if area == 0.0 or left > right or top > bottom:
            continue
        # Both weights are planes over the picture: a start and one slope per axis.
        dx1, dy1, dx2, dy2 = (y2 - y0) / area, (x0 - x2) / area, (y0 - y1) / area, (x1 - x0) / area
        w0, w1, w2 = 1 / points[a, 2], 1 / points[b, 2], 1 / points[c, 2]
        for y in range(top, bottom + 1):
            row1, row2 = (y - y0) * dy1 - x0 * dx1, (y - y0) * dy2 - x0 * dx2
            for x in range(left, right + 1):
                l1, l2 = row1 + x * dx1, row2 + x * dx2
                if l1 >= -1e-5 and l2 >= -1e-5 and l1 + l2 <= 1 + 1e-5:
                    near = w0 + l1 * (w1 - w0) + l2 * (w2 - w0)
                    if near > nearness[y, x]:
                        nearness[y, x] = near
                        nearest[y, x] = t
                        weight[y, x, 0], weight[y, x, 1] = l1 * w1 / near, l2 * w2 / near
    return nearest, weight, nearness


@nb.njit(cache=True, fastmath=True)
def _merges(
    nearest: IntArray, nearness: FloatArray, part: NDArray[np.uint8], samples: int, gap: float
) -> NDArray[np.int32]:
    """How many fragments each pixel gives: 1 when all its samples lie on one smooth piece, else one per sample."""
    height, width = nearest.shape[0] // samples, nearest.shape[1] // samples
    counts = np.zeros((height, width), np.int32)
    for y in range(height):
        for x in range(width):
            hits, near, far, first, same = 0, np.float32(0), np.float32(1e9), -1, True
            for j in range(samples):
                for i in range(samples):
                    t = nearest[y * samples + j, x * samples + i]
                    if t >= 0:
                        hits += 1
                        z = nearness[y * samples + j, x * samples + i]
                        near, far = max(near, z), min(far, z)
                        if first < 0:
                            first = part[t]
                        elif part[t] != first:
                            same = False
            whole = hits == samples * samples and same and 1 / far - 1 / near < gap
            counts[y, x] = -1 if whole else hits
    return counts


@nb.njit(cache=True, fastmath=True, inline="always")
def _add(
    corners: IntArray, b1: np.float32, b2: np.float32, scale: np.float32, source: FloatArray, into: FloatArray
) -> None:
    """Add to `into` what a triangle's `corners` carry in `source`, weighted by its second and third weight."""
    w0, w1, w2 = (1 - b1 - b2) * scale, b1 * scale, b2 * scale
    for c in range(source.shape[1]):
        into[c] += w0 * source[corners[0], c] + w1 * source[corners[1], c] + w2 * source[corners[2], c]


@nb.njit(cache=True, fastmath=True)
def _gather(
    nearest: IntArray,
    weight: FloatArray,
    counts: IntArray,
    triangles: IntArray,
    texture_triangles: IntArray,
    attributes: FloatArray,
    texture: FloatArray,
    triangle_part: NDArray[np.uint8],
    samples: int,
) -> tuple[IntArray, FloatArray, FloatArray, FloatArray, NDArray[np.uint8]]:
    total = np.abs(counts).sum()
    pixel, share, part = np.zeros(total, np.int32), np.zeros(total, np.float32), np.zeros(total, np.uint8)
    values, uv = np.zeros((total, attributes.shape[1]), np.float32), np.zeros((total, 2), np.float32)
    one, n = np.float32(1.0 / (samples * samples)), 0
    for y in range(counts.shape[0]):
        for x in range(counts.shape[1]):
            merged = counts[y, x] < 0
            scale = one if merged else np.float32(1)
            for index in range(samples * samples if counts[y, x] != 0 else 0):
                row, column = y * samples + index // samples, x * samples + index % samples
                t = nearest[row, column]
                if t >= 0:
                    b1, b2 = weight[row, column, 0], weight[row, column, 1]
                    _add(triangles[t], b1, b2, scale, attributes, values[n])
                    _add(texture_triangles[t], b1, b2, scale, texture, uv[n])
                    pixel[n], part[n] = y * counts.shape[1] + x, triangle_part[t]
                    share[n] += one
                    n += 0 if merged else 1
            n += 1 if merged else 0
    return pixel, share, values, uv, part


def fragments(
    points: FloatArray,
    triangles: IntArray,
    attributes: FloatArray,
    texture_triangles: IntArray,
    texture: FloatArray,
    part: NDArray[np.uint8],
    size: tuple[int, int],
    samples: int,
    gap: float,
) -> Fragments:
    """What a picture of `size` (width, height) sees of projected `points` (V, 3), `samples` x `samples` to a pixel.

    Samples of one pixel closer in depth than `gap` metres and of one part are averaged and shaded once.
    """
    sampled = points.copy()
    sampled[:, :2] = (sampled[:, :2] + 0.5) * samples - 0.5  # whole numbers are pixel centres
    nearest, weight, nearness = visible(sampled, triangles, size[0] * samples, size[1] * samples)
    triangle_part = part[triangles[:, 0]]
    counts = _merges(nearest, nearness, triangle_part, samples, gap)
    gathered = _gather(
        nearest, weight, counts, triangles, texture_triangles, attributes, texture, triangle_part, samples
    )
    return Fragments(*gathered)


@nb.njit(cache=True, fastmath=True)
def vertex_normals(points: FloatArray, triangles: IntArray) -> FloatArray:
    """Unit normals (V, 3), the area-weighted mean of the triangles around each vertex."""
    normals = np.zeros_like(points)
    for t in range(triangles.shape[0]):
        a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        ux, uy, uz = points[b, 0] - points[a, 0], points[b, 1] - points[a, 1], points[b, 2] - points[a, 2]
        vx, vy, vz = points[c, 0] - points[a, 0], points[c, 1] - points[a, 1], points[c, 2] - points[a, 2]
        nx, ny, nz = uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx
        for k in (a, b, c):
            normals[k, 0] += nx
            normals[k, 1] += ny
            normals[k, 2] += nz
    for i in range(normals.shape[0]):
        length = math.sqrt(normals[i, 0] ** 2 + normals[i, 1] ** 2 + normals[i, 2] ** 2) + 1e-12
        for c in range(3):
            normals[i, c] /= length
    return normals

"""Light a head: sky, a soft key, sometimes a rim, with true shadows, and the glow of light below the skin.

From a random stream and the posed mesh to irradiance, openness and key visibility per vertex for `shading`.
"""

import math
from dataclasses import dataclass

import numba as nb
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

FloatArray = NDArray[np.float32]
IntArray = NDArray[np.int32]

# Red light wanders furthest below the skin: how much of each channel is taken from the neighbourhood.
SCATTER = np.array([0.6, 0.38, 0.28], np.float32)
SCATTER_STEPS = 3


@dataclass(frozen=True)
class Light:
    """Where light comes from: `key` points at it, `colour` and `strength` are the key's, `focus` how small it is."""

    key: tuple[float, float, float]
    colour: tuple[float, float, float]
    strength: float
    focus: float
    ambient: float
    rim: float


@dataclass(frozen=True)
class Lighting:
    """Per vertex: `irradiance` (V, 3) as seen through skin, `openness` (V,) to the sky, `key` (V,) visibility 0..1."""

    irradiance: FloatArray
    openness: FloatArray
    key: FloatArray


def draw(rng: np.random.Generator) -> Light:
    """Draw the light of one photograph: a window or lamp in front, seldom far to the side."""
    across, up = float(np.clip(rng.normal(0, 0.55), -1.1, 1.1)), float(rng.uniform(0.15, 0.9))
    key = (math.sin(across) * math.cos(up), -math.cos(across) * math.cos(up), math.sin(up))
    return Light(
        key=key,
        colour=(1.0, float(rng.uniform(0.92, 1.0)), float(rng.uniform(0.82, 1.0))),
        strength=float(rng.uniform(1.2, 3.8)),
        focus=float(rng.uniform(4, 16)),
        ambient=float(rng.uniform(0.6, 1.0)),
        rim=float(rng.uniform(0.4, 1.4)) * float(rng.random() < 0.25),
    )


def directions(count: int) -> FloatArray:
    """Unit vectors (count, 3) spread evenly over the sphere (Fibonacci spiral)."""
    index = np.arange(count) + 0.5
    polar, turn = np.arccos(1 - 2 * index / count), np.pi * (1 + 5**0.5) * index
    return np.stack([np.cos(turn) * np.sin(polar), np.sin(turn) * np.sin(polar), np.cos(polar)], 1).astype(np.float32)


def radiance(light: Light, around: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Radiance (D, 3) from each direction and the key's share in it (D,)."""
    key = np.array(light.key, np.float32)
    lobe = np.exp(light.focus * (around @ key - 1)).astype(np.float32)
    sky, front = 0.5 + 0.5 * around[:, 2], np.clip(-around[:, 1], 0, 1)
    ambient = light.ambient * (0.55 + 0.5 * sky + 0.5 * front)[:, None] * np.array([1, 1, 1.03])
    ambient = ambient + 0.22 * (1 - sky)[:, None] * np.array([1, 0.9, 0.82])
    total = ambient + light.strength * lobe[:, None] * np.array(light.colour)
    rim = np.array([-math.copysign(0.9, light.key[0]), 0.1, 0.35])
    total = total + light.rim * np.exp(10 * (around @ (rim / np.linalg.norm(rim)) - 1))[:, None]
    return total.astype(np.float32), np.where(lobe > 0.25, lobe, 0).astype(np.float32)


def illuminate(
    light: Light,
    points: FloatArray,
    normals: FloatArray,
    occluder: tuple[FloatArray, IntArray],
    average: sparse.csr_matrix,
    unit: float,
    count: int,
    resolution: int,
) -> Lighting:
    """Light `points` (V, 3) with `normals`, shadowed by the `occluder` mesh; `unit` is the outer-eye distance.

    One shadow map of `resolution` samples across per direction, `count` directions.
    """
    around = directions(count)
    arriving, key_share = radiance(light, around)
    centre = np.array([0, 0.5 * unit, 0.1 * unit], np.float32)
    gathered = _gather_light(
        *occluder, points, normals, around, arriving, key_share, centre, 2.1 * unit, resolution, 0.012 * unit
    )
    irradiance, openness, key = gathered
    spread = irradiance
    for _ in range(SCATTER_STEPS):
        spread = np.asarray(average @ spread)
    return Lighting(irradiance * (1 - SCATTER) + spread * SCATTER, openness, key)


@nb.njit(cache=True, fastmath=True)
def _shadow_map(points: FloatArray, triangles: IntArray, size: int, depth: FloatArray) -> None:
    """Nearest depth per sample of the triangles that face the light; the far side throws the same shadow."""
    depth[:] = 1e9
    for t in range(triangles.shape[0]):
        a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        x0, y0, x1, y1, x2, y2 = points[a, 0], points[a, 1], points[b, 0], points[b, 1], points[c, 0], points[c, 1]
        area = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)
        if area <= 0.0:
            continue
        left, right = max(math.ceil(min(x0, x1, x2)), 0), min(math.floor(max(x0, x1, x2)), size - 1)
        top, bottom = max(math.ceil(min(y0, y1, y2)), 0), min(math.floor(max(y0, y1, y2)), size - 1)
        if left > right or top > bottom:
            continue
        dx1, dy1, dx2, dy2 = (y2 - y0) / area, (x0 - x2) / area, (y0 - y1) / area, (x1 - x0) / area
        z0, z1, z2 = points[a, 2], points[b, 2] - points[a, 2], points[c, 2] - points[a, 2]
        for y in range(top, bottom + 1):
            row1, row2 = (y - y0) * dy1 - x0 * dx1, (y - y0) * dy2 - x0 * dx2
            for x in range(left, right + 1):
                l1, l2 = row1 + x * dx1, row2 + x * dx2
                if l1 >= 0 and l2 >= 0 and l1 + l2 <= 1:
                    z = z0 + l1 * z1 + l2 * z2
                    if z < depth[y, x]:
                        depth[y, x] = z


@nb.njit(cache=True, fastmath=True)
def _axes(direction: FloatArray) -> FloatArray:
    """Two unit vectors across a direction, which span its shadow map, and the direction itself (3, 3)."""
    axes = np.zeros((3, 3), np.float32)
    axes[2] = direction
    if abs(direction[2]) > 0.9:
        axes[0, 1], axes[0, 2] = -direction[2], direction[1]
    else:
        axes[0, 0], axes[0, 1] = -direction[1], direction[0]
    axes[0] /= math.sqrt((axes[0] * axes[0]).sum())
    for i in range(3):
        j, k = (i + 1) % 3, (i + 2) % 3
        axes[1, i] = direction[j] * axes[0, k] - direction[k] * axes[0, j]
    return axes


@nb.njit(cache=True, fastmath=True)
def _project(points: FloatArray, axes: FloatArray, centre: FloatArray, scale: float, out: FloatArray) -> None:
    """Points (N, 3) as a light in direction `axes[2]` sees them: in map samples about the centre, and their depth."""
    for k in range(points.shape[0]):
        x, y, z = points[k, 0] - centre[0], points[k, 1] - centre[1], points[k, 2] - centre[2]
        out[k, 0] = (x * axes[0, 0] + y * axes[0, 1] + z * axes[0, 2]) * scale
        out[k, 1] = (x * axes[1, 0] + y * axes[1, 1] + z * axes[1, 2]) * scale
        out[k, 2] = -(x * axes[2, 0] + y * axes[2, 1] + z * axes[2, 2])


@nb.njit(cache=True, fastmath=True, inline="always")
def _seen(depth: FloatArray, x: float, y: float, z: float) -> float:
    """How much of the light reaches depth `z` at map position (x, y): 0..1 between four samples, 1 off the map."""
    column, row = int(x), int(y)
    if column < 0 or row < 0 or column >= depth.shape[1] - 1 or row >= depth.shape[0] - 1:
        return 1.0
    fx, fy, seen = x - column, y - row, 0.0
    if depth[row, column] > z:
        seen += (1 - fx) * (1 - fy)
    if depth[row, column + 1] > z:
        seen += fx * (1 - fy)
    if depth[row + 1, column] > z:
        seen += (1 - fx) * fy
    if depth[row + 1, column + 1] > z:
        seen += fx * fy
    return seen


@nb.njit(cache=True, fastmath=True)
def _gather_light(
    occluder: FloatArray,
    triangles: IntArray,
    points: FloatArray,
    normals: FloatArray,
    around: FloatArray,
    arriving: FloatArray,
    key_share: FloatArray,
    centre: FloatArray,
    radius: float,
    size: int,
    bias: float,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    count, even = points.shape[0], 4.0 / around.shape[0]
    irradiance = np.zeros((count, 3), np.float32)
    openness, key = np.zeros(count, np.float32), np.zeros(count, np.float32)
    thrown, asked = np.zeros(occluder.shape, np.float32), np.zeros(points.shape, np.float32)
    depth = np.zeros((size, size), np.float32)
    scale, half = 0.5 * size / radius, 0.5 * size
    lifted = points + normals * np.float32(bias)
    for i in range(around.shape[0]):
        axes = _axes(around[i])
        _project(occluder, axes, centre, scale, thrown)
        thrown[:, :2] += half
        _shadow_map(thrown, triangles, size, depth)
        _project(lifted, axes, centre, scale, asked)
        for k in range(count):
            facing = normals[k, 0] * axes[2, 0] + normals[k, 1] * axes[2, 1] + normals[k, 2] * axes[2, 2]
            if facing > 0 or key_share[i] > 0:
                seen = _seen(depth, asked[k, 0] + half, asked[k, 1] + half, asked[k, 2] - bias)
                key[k] += seen * key_share[i]
                arrives = max(facing, 0.0) * seen * even
                openness[k] += arrives
                for c in range(3):
                    irradiance[k, c] += arrives * arriving[i, c]
    return irradiance, openness, key / np.float32(key_share.sum() + 1e-6)

"""Subdivide the head's quads (Catmull and Clark, 1978) and prepare what every face shares on the finer mesh.

From `asset.head` to shape, light, skin, hair and photograph; built once per level and process.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from training.synthetic.asset import SKIN, Head, head, sample

IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class Surface:
    """The subdivided head: `subdivide @ vertices` gives its positions, the first rows being the head's own vertices.

    `canonical` (V, 3) are the rest positions in outer-eye distances from the nasion; `average` replaces each vertex by
    the mean of itself and its neighbours; `triangles` and `texture_triangles` (T, 3) run in parallel.
    """

    subdivide: sparse.csr_matrix
    average: sparse.csr_matrix
    triangles: NDArray[np.int32]
    texture_triangles: NDArray[np.int32]
    texture: NDArray[np.float32]
    part: NDArray[np.uint8]
    canonical: NDArray[np.float32]
    canonical_landmarks: NDArray[np.float32]
    upper_lip: NDArray[np.float32]
    ear: NDArray[np.bool_]

    @property
    def skin(self) -> NDArray[np.bool_]:
        """True where a vertex is skin (V,)."""
        return np.asarray(self.part == SKIN, np.bool_)


def triangulate(quads: IntArray) -> NDArray[np.int32]:
    """Cut (Q, 4) quads into (2Q, 3) triangles, all first halves before all second halves."""
    return np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]]).astype(np.int32)


def landmarks_of(vertices: NDArray[np.float32]) -> NDArray[np.float32]:
    """The 68 landmarks (68, 3) on positions whose first rows are the head's own vertices."""
    asset = head()
    marks = np.einsum("lc,lcx->lx", asset.landmark_weights, vertices[asset.landmark_corners])
    return np.asarray(marks, np.float32)


@cache
def surface(level: int) -> Surface:
    """The head subdivided `level` times: 1 gives 23 thousand vertices, 2 gives 91 thousand."""
    asset = head()
    matrix: sparse.csr_matrix = sparse.identity(len(asset.vertices), format="csr")
    quads, texture_quads, texture = asset.quads, asset.texture_quads, asset.texture
    for _ in range(level):
        step, quads = _refine(matrix.shape[0], quads)
        texture, texture_quads = _refine_texture(texture, texture_quads)
        matrix = step @ matrix
    matrix = matrix.astype(np.float32).tocsr()
    template = np.asarray(matrix @ asset.vertices, np.float32)
    marks = landmarks_of(template)
    unit = np.linalg.norm(marks[36] - marks[45])
    canonical = ((template - marks[27]) / unit).astype(np.float32)
    average = _neighbour_average(len(template), quads)
    return Surface(
        subdivide=matrix,
        average=average,
        triangles=triangulate(quads),
        texture_triangles=triangulate(texture_quads),
        texture=texture.astype(np.float32),
        part=_parts(matrix, asset),
        canonical=canonical,
        canonical_landmarks=((marks - marks[27]) / unit).astype(np.float32),
        upper_lip=_upper_lip(matrix, average, asset),
        ear=_ears(canonical, triangulate(quads), texture, triangulate(texture_quads), asset),
    )


def _refine(count: int, quads: IntArray) -> tuple[sparse.csr_matrix, IntArray]:
    """One Catmull-Clark step: the sparse matrix of new positions and the new quads; borders stay cubic curves."""
    faces = len(quads)
    sides = np.sort(np.stack([quads, np.roll(quads, -1, 1)], -1).reshape(-1, 2), 1)
    edges, edge_of_side, uses = np.unique(sides, axis=0, return_inverse=True, return_counts=True)
    edge_of_side = edge_of_side.reshape(faces, 4)
    face_rows, ones = np.repeat(np.arange(faces), 4), np.ones(faces * 4)
    centre = sparse.csr_matrix((ones / 4, (face_rows, quads.ravel())), (faces, count))
    edge_rows = np.repeat(np.arange(len(edges)), 2)
    middle = sparse.csr_matrix((np.full(len(edges) * 2, 0.5), (edge_rows, edges.ravel())), (len(edges), count))
    faces_at_edge = sparse.csr_matrix((ones, (edge_of_side.ravel(), face_rows)), (len(edges), faces))
    inner = (uses == 2).astype(float)
    edge_points = _scaled(inner, 0.5 * middle + 0.25 * (faces_at_edge @ centre)) + _scaled(1 - inner, middle)
    old_points = _moved_vertices(count, quads, edges, inner, centre, middle)
    matrix = sparse.vstack([old_points, edge_points, centre]).tocsr()
    return matrix, _split(quads, edge_of_side + count, np.arange(faces) + count + len(edges))


def _moved_vertices(
    count: int,
    quads: IntArray,
    edges: IntArray,
    inner: NDArray[np.float64],
    centre: sparse.csr_matrix,
    middle: sparse.csr_matrix,
) -> sparse.csr_matrix:
    """Where Catmull-Clark moves the old vertices: inner ones by faces and edges, border ones along the border only."""
    faces, ends = len(quads), len(edges)
    at_face = sparse.csr_matrix((np.ones(faces * 4), (quads.ravel(), np.repeat(np.arange(faces), 4))), (count, faces))
    at_edge = sparse.csr_matrix((np.ones(ends * 2), (edges.ravel(), np.repeat(np.arange(ends), 2))), (count, ends))
    valence = np.maximum(np.asarray(at_face.sum(1)).ravel(), 1)
    edge_count = np.maximum(np.asarray(at_edge.sum(1)).ravel(), 1)
    smooth = (
        _scaled(1 / valence**2, at_face @ centre)
        + _scaled(2 / (valence * edge_count), at_edge @ middle)
        + sparse.diags((valence - 3) / valence)
    )
    on_border = np.zeros(count)
    on_border[edges[inner == 0].ravel()] = 1
    border_edges = at_edge @ sparse.diags(1 - inner)
    border_count = np.maximum(np.asarray(border_edges.sum(1)).ravel(), 1)
    border = 0.5 * _scaled(1 / border_count, border_edges @ middle) + 0.5 * sparse.identity(count)
    return sparse.csr_matrix(_scaled(1 - on_border, smooth) + _scaled(on_border, border))


def _refine_texture(texture: NDArray[np.float32], quads: IntArray) -> tuple[NDArray[np.float32], IntArray]:
    """Subdivide texture coordinates linearly, quads in the same order as `_refine`."""
    sides = np.sort(np.stack([quads, np.roll(quads, -1, 1)], -1).reshape(-1, 2), 1)
    edges, edge_of_side = np.unique(sides, axis=0, return_inverse=True)
    count = len(texture)
    fine = np.concatenate([texture, texture[edges].mean(1), texture[quads].mean(1)])
    return fine, _split(quads, edge_of_side.reshape(-1, 4) + count, np.arange(len(quads)) + count + len(edges))


def _split(quads: IntArray, edge_points: IntArray, face_points: IntArray) -> IntArray:
    """Each quad's four children: corner, next edge point, centre, previous edge point."""
    children = [
        np.stack([quads[:, k], edge_points[:, k], face_points, edge_points[:, (k - 1) % 4]], 1) for k in range(4)
    ]
    return np.stack(children, 1).reshape(-1, 4)


def _scaled(weights: NDArray[np.float64], matrix: sparse.csr_matrix) -> sparse.csr_matrix:
    return sparse.csr_matrix(sparse.diags(weights) @ matrix)


def _neighbour_average(count: int, quads: IntArray) -> sparse.csr_matrix:
    sides = np.concatenate([quads[:, [k, (k + 1) % 4]] for k in range(4)])
    ones = np.ones(len(sides))
    links = sparse.csr_matrix((ones, (sides[:, 0], sides[:, 1])), (count, count))
    links = (links + links.T + sparse.identity(count)).tocsr()
    links.data[:] = 1  # a neighbour over two quads counts once
    return _scaled(1 / np.asarray(links.sum(1)).ravel(), links).astype(np.float32).tocsr()


def _parts(matrix: sparse.csr_matrix, asset: Head) -> NDArray[np.uint8]:
    """The parts hang together nowhere, so each fine vertex belongs to exactly one."""
    shares = matrix @ np.eye(6, dtype=np.float32)[asset.part]
    return np.asarray(np.asarray(shares).argmax(1), np.uint8)


def _upper_lip(matrix: sparse.csr_matrix, average: sparse.csr_matrix, asset: Head) -> NDArray[np.float32]:
    """1 on what stays when the mouth opens (upper lip, nose, brow), 0 on the lower lip and jaw, smooth between.

    The mesh has no such label; the CC0 target `mouth-open` tells the two apart.
    """
    row = asset.target_rows["expression/caucasian/mouth-open"]
    opening = asset.targets[row].toarray().reshape(-1, 3)
    travel = np.linalg.norm(np.asarray(matrix @ opening), axis=1)
    share = np.clip((travel / np.percentile(travel[travel > 1e-5], 95) - 0.25) / 0.35, 0, 1)
    upper = 1 - share * share * (3 - 2 * share)
    return np.asarray(average @ (average @ upper.astype(np.float32)), np.float32)


def _ears(
    canonical: NDArray[np.float32],
    triangles: NDArray[np.int32],
    texture: NDArray[np.float32],
    texture_triangles: NDArray[np.int32],
    asset: Head,
) -> NDArray[np.bool_]:
    """The ears by their texture mask, and the box they stand in, whose mesh the mask leaves out."""
    at_vertex = np.zeros((len(canonical), 2), np.float32)
    at_vertex[triangles.ravel()] = texture[texture_triangles.ravel()]
    x, y, z = canonical.T
    box = (np.abs(x) > 0.80) & (z < 0.3) & (z > -0.75) & (y > 0.4) & (y < 1.2)
    return np.asarray(box | (sample(asset.masks["ears"], at_vertex) > 0.2), np.bool_)

"""Photograph a person: shape, cleft, clothes, light, camera, shading and finish, at any size.

From a `Person` to a `Photograph` with exact landmarks; the same person without clefts is the truth under the mask.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from training.synthetic import backdrop, camera, cleft, finish, hair, light, raster, shape, skin, strands
from training.synthetic.asset import LEFT_EYE, RIGHT_EYE, head
from training.synthetic.camera import Camera, Framing
from training.synthetic.clinical_mask import clinical_hole
from training.synthetic.colour import encoded, step
from training.synthetic.person import Person
from training.synthetic.shading import Scene, shade
from training.synthetic.streams import stream
from training.synthetic.surface import Surface, landmarks_of, surface, triangulate

FloatArray = NDArray[np.float32]

CHUNK = 1 << 16  # fragments shaded at a time; more would leave the cache
PHOTOGRAPH_SIDE = 640  # from here on the mesh is finer, the light denser, and one sample per pixel is enough
MERGING_DEPTH = 0.04  # of the outer-eye distance: samples of a pixel further apart are shaded apart
LASH_COLOUR = np.array([0.10, 0.07, 0.06], np.float32)


@dataclass(frozen=True)
class Photograph:
    """A picture uint8 (H, W, 3) RGB, its 68 landmarks (68, 2) in pixels and the mask a clinician would draw (H, W).

    `mask` is None without a cleft; `info` says who was drawn and how.
    """

    image: NDArray[np.uint8]
    landmarks: NDArray[np.float64]
    mask: NDArray[np.bool_] | None
    info: dict[str, str | int | float]


@dataclass(frozen=True)
class Quality:
    """What the size of a picture asks for: mesh level, samples per pixel side, lights and shadow map size."""

    level: int
    samples: int
    lights: int
    shadows: int


def quality(size: tuple[int, int]) -> Quality:
    """The quality for a (width, height)."""
    if min(size) >= PHOTOGRAPH_SIDE:
        return Quality(level=2, samples=1, lights=64, shadows=384)
    return Quality(level=1, samples=2, lights=24, shadows=160)


def photograph(
    person: Person,
    *,
    size: tuple[int, int] = (256, 256),
    clefts: tuple[cleft.Cleft, ...] = (),
    framing: Framing = "tight",
) -> Photograph:
    """Photograph `person` at `size` (width, height, at least 32), with these clefts, one per side at most.

    With and without clefts, identity, light, camera and noise are the same.
    """
    if min(size) < 32:
        raise ValueError(f"a photograph is at least 32 pixels wide and high, not {size[0]}x{size[1]}")
    if len({each.side for each in clefts}) < len(clefts):
        raise ValueError("a patient has at most one cleft on each side")
    if framing not in camera.FRAMINGS:
        raise ValueError(f"framing is one of {', '.join(camera.FRAMINGS)}, not {framing!r}")
    wanted = quality(size)
    mesh = surface(wanted.level)
    points = np.asarray(mesh.subdivide @ shape.vertices(person.shape), np.float32)
    lens = camera.aim(person.pose, landmarks_of(points), *size, framing)
    opened, gaps, holds = cleft.part(clefts, mesh, points)
    marks = lens.pixels(landmarks_of(opened)).astype(np.float64)
    light_of_face, covered = _picture(person, mesh, lens, (opened, gaps, holds), size, wanted)
    picture = _with_strands(person, encoded(light_of_face), lens.pixels(landmarks_of(points)), covered)
    mask = clinical_hole(marks, stream(person.seed, "mask"), clefts, size) if clefts else None
    return Photograph(finish.develop(person.finish, picture), marks, mask, _info(person, clefts, marks))


def _info(person: Person, clefts: tuple[cleft.Cleft, ...], marks: NDArray[np.float64]) -> dict[str, str | int | float]:
    return {
        "seed": person.seed,
        "kind": person.kind,
        "cleft_side": "bilateral" if len(clefts) == 2 else clefts[0].side if clefts else "none",
        "cleft_severity": max((each.severity for each in clefts), default=0.0),
        "eye_distance": float(np.linalg.norm(marks[36] - marks[45])),
    }


def _picture(
    person: Person,
    mesh: Surface,
    lens: Camera,
    parted: tuple[FloatArray, tuple[cleft.Gap, ...], tuple[FloatArray, ...]],
    size: tuple[int, int],
    wanted: Quality,
) -> tuple[FloatArray, FloatArray]:
    """Exposed linear picture (H, W, 3) and how far hat or hood cover each pixel (H, W)."""
    points, gaps, holds = parted
    unit = lens.distance / person.pose.distance
    dressed = hair.put_on(person.dress, mesh, points, unit)
    posed = lens.pose(dressed)
    attributes, columns = _attributes(person, mesh, posed, holds, unit, wanted)
    found = raster.fragments(
        lens.project(posed),
        mesh.triangles,
        attributes,
        mesh.texture_triangles,
        mesh.texture,
        mesh.part,
        size,
        wanted.samples,
        MERGING_DEPTH * unit,
    )
    scene = Scene(person, mesh, lens, gaps, columns, _eye_centres(mesh, posed), lens.scale * unit)
    colour = np.empty((len(found.pixel), 3), np.float32)
    for start in range(0, len(colour), CHUNK):
        piece = slice(start, start + CHUNK)
        colour[piece] = shade(scene, found.values[piece], found.texture[piece], found.part[piece])
    colour = _expose(person, mesh, columns, attributes, colour)
    covered = step(-0.005, 0.02, found.values[:, columns["scalp"]][:, 0]) * (person.dress.style in ("hat", "hood"))
    return _compose(person, found, colour, size), _spread(found, covered.astype(np.float32), size)


def _attributes(
    person: Person, mesh: Surface, posed: FloatArray, holds: tuple[FloatArray, ...], unit: float, wanted: Quality
) -> tuple[FloatArray, dict[str, slice]]:
    """Everything known per vertex, side by side (V, C), and which columns hold what."""
    own = len(head().vertices)
    normals = raster.vertex_normals(posed, mesh.triangles)
    occluder = (posed[:own], triangulate(head().quads))
    lit = light.illuminate(person.light, posed, normals, occluder, mesh.average, unit, wanted.lights, wanted.shadows)
    named = {
        "canonical": mesh.canonical,
        "irradiance": lit.irradiance,
        "openness": lit.openness[:, None],
        "key": lit.key[:, None],
        "normal": normals,
        "posed": posed,
        "scalp": hair.scalp(person.dress, mesh)[:, None],
        "collar": hair.shirt(mesh)[:, None],
        "albedo": skin.vertex_albedo(person.skin, mesh),
        **{f"hold{index}": hold[:, None] for index, hold in enumerate(holds)},
    }
    ends = np.cumsum([values.shape[1] for values in named.values()])
    columns = {name: slice(int(end) - named[name].shape[1], int(end)) for name, end in zip(named, ends, strict=True)}
    return np.ascontiguousarray(np.concatenate(list(named.values()), 1), np.float32), columns


def _eye_centres(mesh: Surface, posed: FloatArray) -> FloatArray:
    """Middle of the left and the right eyeball (2, 3)."""
    balls = [posed[mesh.part == code] for code in (LEFT_EYE, RIGHT_EYE)]
    return np.array([(ball.max(0) + ball.min(0)) / 2 for ball in balls], np.float32)


def _expose(
    person: Person,
    mesh: Surface,
    columns: dict[str, slice],
    attributes: FloatArray,
    colour: FloatArray,
) -> FloatArray:
    """Expose for the light on brow and cheeks, which no cleft touches, and roll off what is too bright."""
    facing = attributes[:, columns["normal"]][:, 1] < -0.5
    measured = mesh.skin & facing & (mesh.canonical[:, 2] > -0.25) & (mesh.canonical[:, 2] < 0.5)
    exposure = person.finish.exposure / (float(np.percentile(attributes[measured, columns["irradiance"]], 60)) + 1e-6)
    colour = colour * np.float32(exposure * (0.97 if person.skin.luminance > 0.4 else 1.12))
    return np.where(colour > 0.75, 0.75 + 0.25 * np.tanh((colour - 0.75) / 0.25), colour)


def _spread(found: raster.Fragments, values: FloatArray, size: tuple[int, int]) -> FloatArray:
    """Sum fragments' values (N,) times their share into a picture (H, W)."""
    total = np.bincount(found.pixel, values * found.share, minlength=size[0] * size[1])
    return total.reshape(size[1], size[0]).astype(np.float32)


def _compose(person: Person, found: raster.Fragments, colour: FloatArray, size: tuple[int, int]) -> FloatArray:
    """Lay the shaded fragments over the backdrop: a linear picture (H, W, 3)."""
    covered = _spread(found, np.ones(len(found.pixel), np.float32), size)[..., None]
    front = np.stack([_spread(found, colour[:, channel], size) for channel in range(3)], 2)
    return np.asarray(front + backdrop.paint(person.backdrop, *size) * (1 - covered), np.float32)


def _with_strands(person: Person, picture: FloatArray, marks: FloatArray, covered: FloatArray) -> FloatArray:
    """Draw brows and lashes, at twice the size where pixels are large, under hat and hood."""
    height, width = covered.shape
    zoom = 2 if min(width, height) < PHOTOGRAPH_SIDE else 1
    brow_colour = encoded(np.array(person.dress.hair) * 0.8 + np.array(person.skin.tone) * 0.06) * np.float32(0.9)
    for draw, colour in ((strands.brows, brow_colour), (strands.lashes, LASH_COLOUR)):
        drawn = draw(person.strands, (marks + 0.5) * zoom - 0.5, width * zoom, height * zoom)
        layer = cv2.resize(drawn, (width, height), interpolation=cv2.INTER_AREA) if zoom > 1 else drawn
        share = np.asarray(layer * (1 - covered), np.float32)[..., None]
        picture = picture * (1 - share) + colour * share
    return picture

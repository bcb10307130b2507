"""Shade fragments: albedo times light below the skin, gloss on top, wet eyes, teeth, the flesh of a cleft.

From a `Scene` and its fragments to linear colour for `photograph`.
"""

import math
from dataclasses import dataclass

import numba as nb
import numpy as np
from numpy.typing import NDArray

from training.synthetic import cleft, eyes, hair, skin
from training.synthetic.asset import LEFT_EYE, LOWER_TEETH, RIGHT_EYE, SKIN, TONGUE, UPPER_TEETH, head, sample
from training.synthetic.camera import Camera
from training.synthetic.colour import linear, mix, step
from training.synthetic.noise import noise
from training.synthetic.person import Person
from training.synthetic.surface import Surface

FloatArray = NDArray[np.float32]

TEETH, INFANT_GUMS, TONGUE_COLOUR = linear((226, 216, 198)), linear((196, 124, 118)), linear((176, 96, 92))
MOUTH = linear((96, 40, 38))
SKY_LAMP, FILL_LAMP = (0.0, -0.55, 0.83), (0.6, -0.75, 0.3)


@dataclass(frozen=True)
class Scene:
    """One posed person: `columns` names the attributes of its fragments, `eye_centres` (2, 3) are left and right."""

    person: Person
    surface: Surface
    camera: Camera
    gaps: tuple[cleft.Gap, ...]
    columns: dict[str, slice]
    eye_centres: FloatArray
    detail: float


@nb.njit(cache=True, fastmath=True)
def _gloss(
    normals: FloatArray,
    to_camera: FloatArray,
    lamp: FloatArray,
    sharpness: FloatArray,
    strength: float,
    out: FloatArray,
) -> None:
    """Add the normalised Blinn-Phong highlight of one lamp, stronger at grazing angles (Fresnel)."""
    for i in range(normals.shape[0]):
        hx, hy, hz = to_camera[i, 0] + lamp[0], to_camera[i, 1] + lamp[1], to_camera[i, 2] + lamp[2]
        length = 1 / math.sqrt(hx * hx + hy * hy + hz * hz + 1e-9)
        hx, hy, hz = hx * length, hy * length, hz * length
        facing = normals[i, 0] * lamp[0] + normals[i, 1] * lamp[1] + normals[i, 2] * lamp[2]
        if facing <= 0:
            continue
        lined_up = max(normals[i, 0] * hx + normals[i, 1] * hy + normals[i, 2] * hz, 0.0)
        grazing = min(max(hx * to_camera[i, 0] + hy * to_camera[i, 1] + hz * to_camera[i, 2], 0.0), 1.0)
        fade = min(facing * 5, 1.0)
        fade = fade * fade * (3 - 2 * fade)
        fresnel = 0.04 + 0.5 * (1 - grazing) ** 5
        out[i] += strength * fresnel * (sharpness[i] + 2) / 8 * lined_up ** sharpness[i] * fade


@nb.njit(cache=True, fastmath=True)
def _normalise(vectors: FloatArray) -> FloatArray:
    result = np.empty(vectors.shape, np.float32)
    for i in range(vectors.shape[0]):
        x, y, z = vectors[i, 0], vectors[i, 1], vectors[i, 2]
        length = 1 / (math.sqrt(x * x + y * y + z * z) + 1e-9)
        result[i, 0], result[i, 1], result[i, 2] = x * length, y * length, z * length
    return result


def shade(scene: Scene, values: FloatArray, texture: FloatArray, part: NDArray[np.uint8]) -> FloatArray:
    """Linear colour (N, 3), before exposure, of fragments with these attributes, texture coordinates and parts."""
    colour = np.zeros((len(values), 3), np.float32)
    on_skin = part == SKIN
    colour[on_skin] = _shade_skin(scene, values[on_skin], texture[on_skin])
    for eye, code in enumerate((LEFT_EYE, RIGHT_EYE)):
        chosen = part == code
        if chosen.any():
            colour[chosen] = _shade_eye(scene, values[chosen], scene.eye_centres[eye])
    in_mouth = (part == TONGUE) | (part == UPPER_TEETH) | (part == LOWER_TEETH)
    if in_mouth.any():
        colour[in_mouth] = _shade_mouth(scene, values[in_mouth], part[in_mouth])
    return colour


def _to_camera(scene: Scene, posed: FloatArray) -> FloatArray:
    return _normalise(np.array([0, -scene.camera.distance, 0], np.float32) - posed)


def _shade_eye(scene: Scene, values: FloatArray, centre: FloatArray) -> FloatArray:
    posed = values[:, scene.columns["posed"]]
    light = scene.person.light
    return eyes.paint(
        scene.person.eyes,
        _normalise(posed - centre),
        _to_camera(scene, posed),
        values[:, scene.columns["irradiance"]],
        scene.camera.turn,
        np.array(light.key, np.float32),
        light.strength,
    )


def _shade_mouth(scene: Scene, values: FloatArray, part: NDArray[np.uint8]) -> FloatArray:
    """Teeth, an infant's gums, the tongue: matt, darker the deeper they lie."""
    at = values[:, scene.columns["canonical"]]
    gum = scene.person.shape.kind == "infant"
    between = np.abs(np.sin(at[:, 0] * 38)) ** 8
    teeth = np.broadcast_to(INFANT_GUMS if gum else TEETH, (len(at), 3)) * (1 - 0.35 * between * (not gum))[:, None]
    albedo = np.where((part == TONGUE)[:, None], TONGUE_COLOUR, teeth)
    openness = np.clip(values[:, scene.columns["openness"]], 0, 1)
    lit = values[:, scene.columns["irradiance"]] * (0.55 + 0.45 * openness) + np.float32(
        0.22 * scene.person.light.ambient
    )
    return np.asarray(albedo * lit, np.float32)


def _shade_skin(scene: Scene, values: FloatArray, texture: FloatArray) -> FloatArray:
    person, columns = scene.person, scene.columns
    at, light, look = values[:, columns["canonical"]], person.light, person.skin
    smooth = _normalise(np.ascontiguousarray(values[:, columns["normal"]]))
    albedo, lip, inside = _skin_albedo(scene, values, texture, at)
    normals, shade_of_gap, gap = smooth, np.ones(len(at), np.float32), np.zeros(len(at), np.float32)
    points = np.asarray(values[:, columns["posed"]] @ scene.camera.turn + scene.camera.centre, np.float32)
    for index, opened in enumerate(scene.gaps):
        hold = values[:, columns[f"hold{index}"]][:, 0]
        flesh = cleft.paint(opened, points, hold, albedo, normals, look.lips, scene.camera.turn)
        albedo, normals, shade_of_gap = flesh.albedo, flesh.normals, shade_of_gap * flesh.shade
        lip, gap = np.maximum(lip, flesh.lip * np.float32(0.8)), np.maximum(gap, flesh.gap)
    scalp, collar = values[:, columns["scalp"]][:, 0], values[:, columns["collar"]][:, 0]
    albedo, bare = hair.paint(person.dress, albedo, at, scalp, collar)
    irradiance = values[:, columns["irradiance"]]
    key = np.array(light.key, np.float32)
    if scene.gaps:
        normals = _normalise(normals)
        irradiance = irradiance * np.asarray(1 + 0.28 * ((normals - smooth) @ key), np.float32)[:, None]
    irradiance = irradiance + (inside * np.float32(0.12 * light.ambient))[:, None]  # it wandered into the mouth
    colour = np.clip(albedo, 0.004, 0.95) * irradiance * shade_of_gap[:, None]
    gloss = _skin_gloss(scene, values, at, normals, lip, gap) * bare * (1 - 0.45 * gap)
    return np.asarray(colour + gloss[:, None] * np.array(light.colour, np.float32), np.float32)


def _skin_albedo(
    scene: Scene, values: FloatArray, texture: FloatArray, at: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Albedo (N, 3) of skin, lips, lids, mouth and nostrils; how much of each is lip, how much inside (N,)."""
    person, masks = scene.person, head().masks
    albedo = skin.fine_albedo(person.skin, values[:, scene.columns["albedo"]], at, scene.surface, scene.detail)
    lids = sample(masks["eyelids"], texture)
    albedo = albedo * (1 - 0.10 * lids[:, None] * np.array([0.6, 1, 1], np.float32))
    lip = step(0.25, 0.75, sample(masks["lips"], texture))
    albedo = skin.paint_lips(person.skin, albedo, at, lip)
    inside = step(0.3, 0.7, sample(masks["inside-mouth"], texture))
    albedo = mix(albedo, MOUTH, inside)
    openness = np.clip(values[:, scene.columns["openness"]][:, 0], 0, 1.2)
    nostril = scene.surface.canonical_landmarks[33] + np.array([0, 0, 0.03], np.float32)
    hollow = step(0.46, 0.14, openness) * skin.blob(at, nostril, (0.26, 0.35, 0.14))
    return albedo * (1 - 0.72 * hollow[:, None] * np.array([0.75, 1, 1], np.float32)), lip, inside


def _skin_gloss(
    scene: Scene, values: FloatArray, at: FloatArray, normals: FloatArray, lip: FloatArray, gap: FloatArray
) -> FloatArray:
    """Highlights (N,) of key, sky and fill on finely uneven skin; the middle of the face and wet lips shine more."""
    person, columns = scene.person, scene.columns
    seed, light = person.skin.seed, person.light
    uneven = np.stack([noise(at, 30, seed + shift, 1) for shift in (40, 41, 43)], 1)
    rough = _normalise(normals + 0.10 * uneven * ((1 - 0.3 * lip) * (1 - 0.8 * gap))[:, None])
    to_camera = _to_camera(scene, values[:, columns["posed"]])
    sharpness = (person.skin.sharpness * (1 + 1.6 * lip)).astype(np.float32)
    gloss = np.zeros(len(at), np.float32)
    away = -math.copysign(1.0, light.key[0])
    lamps = (
        (light.key, light.strength * 0.5),
        (SKY_LAMP, light.ambient * 0.5),
        ((FILL_LAMP[0] * away, *FILL_LAMP[1:]), light.ambient * 0.3),
    )
    for lamp, strength in lamps:
        _gloss(rough, to_camera, np.array(lamp, np.float32), sharpness, strength, gloss)
    middle = 1 + 0.7 * skin.blob(at, scene.surface.canonical_landmarks[28], (0.35, 0.6, 0.6))
    openness, key = values[:, columns["openness"]][:, 0], values[:, columns["key"]][:, 0]
    gloss *= person.skin.gloss * middle * (1 + 0.75 * lip)
    return np.asarray(gloss * (0.25 + 0.75 * key) * np.clip(openness * 1.5, 0, 1), np.float32)

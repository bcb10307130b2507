"""Pose a head before a camera and frame it: tight from brow to chin, as the networks see it, or as a portrait.

From a random stream and landmarks in metres to pixels; all distances in outer-eye distances ("units") of the person.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]
Framing = Literal["tight", "portrait"]
FRAMINGS: tuple[Framing, ...] = ("tight", "portrait")

MARGIN = 0.03  # of the shorter side, kept free around the landmarks
PORTRAIT_SHARE = 0.58  # how much of the portrait a tight frame would fill


@dataclass(frozen=True)
class Pose:
    """How one person stands: turns in radians, distance in units, share of the frame from brow to chin, shift."""

    yaw: float
    pitch: float
    roll: float
    distance: float
    tightness: float
    shift: tuple[float, float]


@dataclass(frozen=True)
class Camera:
    """A posed camera: `turn` (3, 3) about `centre` (3,) metres, then perspective from `distance` metres in front.

    `scale` is pixels per metre in the plane of the face, `middle` the pixel the centre falls on.
    """

    turn: FloatArray
    centre: FloatArray
    distance: float
    scale: float
    middle: tuple[float, float]

    def pose(self, points: FloatArray) -> FloatArray:
        """Points (N, 3) in metres about the posed head's centre."""
        return np.asarray((points - self.centre) @ self.turn.T, np.float32)

    def project(self, posed: FloatArray) -> FloatArray:
        """Pixel x, pixel y and depth in metres (N, 3) of posed points."""
        depth = posed[:, 1] + self.distance
        zoom = self.distance / depth * self.scale
        x, y = self.middle[0] + posed[:, 0] * zoom, self.middle[1] - posed[:, 2] * zoom
        return np.stack([x, y, depth], 1).astype(np.float32)

    def pixels(self, points: FloatArray) -> FloatArray:
        """Pixel positions (N, 2) of points in metres."""
        return np.asarray(self.project(self.pose(points))[:, :2], np.float32)


def draw(rng: np.random.Generator) -> Pose:
    """Draw a frontal pose with the small turns of a held head, and a framing."""
    yaw, pitch, roll = (float(np.clip(rng.normal(0, s), -2.2 * s, 2.2 * s)) for s in (0.07, 0.05, 0.045))
    return Pose(
        yaw=yaw,
        pitch=pitch,
        roll=roll,
        distance=float(rng.uniform(7, 12)),
        tightness=float(rng.uniform(0.70, 0.88)),
        shift=(float(np.clip(rng.normal(0, 0.022), -0.05, 0.05)), float(np.clip(rng.normal(0, 0.022), -0.05, 0.05))),
    )


def rotation(yaw: float, pitch: float, roll: float) -> FloatArray:
    """Turn about the vertical axis, then nod, then tilt (radians): a (3, 3) matrix for column vectors."""
    cy, sy, cp, sp, cr, sr = np.cos(yaw), np.sin(yaw), np.cos(pitch), np.sin(pitch), np.cos(roll), np.sin(roll)
    turn = np.array([[cy, -sy, 0], [sy, cy, 0], [0, 0, 1]])
    nod = np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]])
    tilt = np.array([[cr, 0, sr], [0, 1, 0], [-sr, 0, cr]])
    return np.asarray(tilt @ nod @ turn, np.float32)


def aim(pose: Pose, landmarks: FloatArray, width: int, height: int, framing: Framing) -> Camera:
    """Aim at the landmarks (68, 3) so that brow to chin takes its share of the shorter side and all stay in frame."""
    unit = float(np.linalg.norm(landmarks[36] - landmarks[45]))
    centre = (landmarks[27] + landmarks[33]) / 2
    plain = Camera(rotation(pose.yaw, pose.pitch, pose.roll), centre, pose.distance * unit, 1.0, (0.0, 0.0))
    at_one = plain.pixels(landmarks)
    side = min(width, height)
    top, bottom = at_one[[18, 19, 24, 25], 1].mean(), at_one[8, 1]
    share = pose.tightness * (PORTRAIT_SHARE if framing == "portrait" else 1.0)
    scale = share * side / float(bottom - top)
    low, high = at_one.min(0), at_one.max(0)
    room = (1 - 2 * MARGIN) * np.array([width, height])
    scale = min(scale, float((room / (high - low)).min()))
    middle = (float(at_one[:17, 0].mean()), float(top + bottom) / 2)
    wanted_x = width * (0.5 + pose.shift[0]) - scale * middle[0]
    wanted_y = height * (0.5 + pose.shift[1]) - scale * middle[1]
    margin = MARGIN * side
    x = float(np.clip(wanted_x, margin - scale * low[0], width - margin - scale * high[0]))
    y = float(np.clip(wanted_y, margin - scale * low[1], height - margin - scale * high[1]))
    return Camera(
        plain.turn, plain.centre, plain.distance, scale, (x - 0.5, y - 0.5)
    )  # pixel centres are whole numbers

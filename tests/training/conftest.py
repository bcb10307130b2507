"""A handful of faces that are cheap to draw: coloured ovals with a mouth, where the renderer would take seconds."""

import cv2
import numpy as np
import pytest

from training.faces import Faces


def drawn_face(number: int) -> tuple[np.ndarray, np.ndarray]:
    """A 256 x 256 picture with 68 landmarks spread over eyes, nose and mouth as on a face."""
    rng = np.random.default_rng(number)
    skin = rng.uniform(120, 220, 3)
    image = np.full((256, 256, 3), rng.uniform(20, 120, 3), np.float64)
    x, y = rng.uniform(120, 136, 2)
    cv2.ellipse(image, (round(x), round(y)), (80, 105), 0, 0, 360, skin.tolist(), -1)
    cv2.ellipse(image, (round(x), round(y + 45)), (30, 10), 0, 0, 360, (skin * [0.9, 0.5, 0.5]).tolist(), -1)
    points = np.zeros((68, 2))
    points[:17] = [[x - 75 + 9.4 * i, y + 100 - abs(i - 8) * 12] for i in range(17)]
    points[17:27] = [[x - 60 + 13 * i, y - 50] for i in range(10)]
    points[27:36] = [[x, y - 30 + 8 * i] for i in range(4)] + [[x - 14 + 7 * i, y + 12] for i in range(5)]
    points[36:48] = [[x - 48 + 6 * i + (36 if i > 5 else 0), y - 30] for i in range(12)]
    angles = np.linspace(np.pi, -np.pi, 12, endpoint=False)
    points[48:60] = np.stack([x + 30 * np.cos(angles), y + 45 - 10 * np.sin(angles)], 1)
    inner = np.linspace(np.pi, -np.pi, 8, endpoint=False)
    points[60:68] = np.stack([x + 24 * np.cos(inner), y + 45 - 4 * np.sin(inner)], 1)
    return image.astype(np.uint8), points.astype(np.float32)


@pytest.fixture(scope="session")
def faces() -> Faces:
    pictures = [drawn_face(number) for number in range(6)]
    return Faces(np.stack([p[0] for p in pictures]), np.stack([p[1] for p in pictures]), "0" * 64)

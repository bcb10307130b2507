"""Render many faces at once: an ordered stream over worker processes, and one pair of arrays for training.

From seeds to (image, landmarks), or to `images.npy` and `landmarks.npy`, which `training.data.batches`
maps into memory.
"""

import multiprocessing
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import cv2
import numba
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from training.errors import CommandError
from training.synthetic.camera import Framing
from training.synthetic.person import person
from training.synthetic.photograph import photograph
from training.synthetic.shape import Kind

# Jobs that wait per process, so that none is idle while a result is taken away.
AHEAD = 4
Job = TypeVar("Job")
Result = TypeVar("Result")


@dataclass(frozen=True)
class FaceOrder:
    """One face to render: the person's seed and kind, the picture's side in pixels, its framing."""

    seed: int
    side: int
    framing: Framing
    kind: Kind | None


@dataclass(frozen=True)
class Face:
    """One rendered face: `image` uint8 (side, side, 3), `landmarks` float32 (68, 2) in pixels."""

    seed: int
    image: NDArray[np.uint8]
    landmarks: NDArray[np.float32]


def one_thread() -> None:
    """Keep this process on one core; the work is shared out over processes instead."""
    cv2.setNumThreads(1)
    numba.set_num_threads(1)


def in_order(work: Callable[[Job], Result], jobs: Sequence[Job], workers: int) -> Iterator[Result]:
    """`work` on every job by `workers` fresh processes, the results in the order of the jobs.

    Raises CommandError where one of the processes is ended from outside, as the system does when memory runs out.
    """
    if workers <= 1 or len(jobs) < 2:
        yield from map(work, jobs)
        return
    pool = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), one_thread)
    waiting: deque[Future[Result]] = deque()
    try:
        for job in jobs:
            waiting.append(pool.submit(work, job))
            if len(waiting) > AHEAD * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    except BrokenProcessPool as error:
        raise CommandError(
            "a working process was ended from outside, perhaps for want of memory; give the same command again, with "
            "fewer --workers if need be"
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


def render(order: FaceOrder) -> Face:
    """Render one ordered face, without a cleft."""
    shot = photograph(person(order.seed, kind=order.kind), size=(order.side, order.side), framing=order.framing)
    return Face(order.seed, shot.image, shot.landmarks.astype(np.float32))


def render_many(
    seeds: Iterable[int], *, workers: int = 2, side: int = 256, framing: Framing = "tight", kind: Kind | None = None
) -> Iterator[Face]:
    """The faces of these seeds, in order."""
    return in_order(render, [FaceOrder(seed, side, framing, kind) for seed in seeds], workers)


def write_arrays(
    folder: Path, seeds: Sequence[int], *, workers: int = 2, side: int = 256, framing: Framing = "tight"
) -> tuple[Path, Path]:
    """Write faces into `images.npy` uint8 (N, side, side, 3) and `landmarks.npy` float32 (N, 68, 2) in `folder`.

    A run that was cut off goes on where it stopped: rows without landmarks are still to be rendered. Raises
    ValueError when the folder holds arrays of another shape.
    """
    folder.mkdir(parents=True, exist_ok=True)
    images = _open_array(folder / "images.npy", np.uint8, (len(seeds), side, side, 3), 0)
    landmarks = _open_array(folder / "landmarks.npy", np.float32, (len(seeds), 68, 2), np.nan)
    missing = [row for row in range(len(seeds)) if np.isnan(landmarks[row]).any()]
    faces = render_many([seeds[row] for row in missing], workers=workers, side=side, framing=framing)
    for row, face in tqdm(zip(missing, faces, strict=True), total=len(missing), unit="face"):
        images[row] = face.image
        landmarks[row] = face.landmarks
    images.flush()
    landmarks.flush()
    return folder / "images.npy", folder / "landmarks.npy"


def _open_array(
    path: Path, kind: type[np.generic], shape: tuple[int, ...], blank: float
) -> "np.memmap[tuple[int, ...], np.dtype[np.generic]]":
    if path.exists():
        stored = np.lib.format.open_memmap(path, "r+")
        if stored.shape != shape or stored.dtype != kind:
            raise ValueError(f"{path} holds {stored.dtype} {stored.shape}, not {shape}; choose another folder")
        return stored
    fresh = np.lib.format.open_memmap(path, "w+", dtype=kind, shape=shape)
    fresh[:] = blank
    return fresh

"""The GPU worker: takes sealed orders from the queue `gpu`, answers with sealed outcomes on the queue `clinic`.

Started by `python -m inference worker`. Its whole world is in four variables: `VERMILION_BROKER_URL`,
`VERMILION_WORKER_KEYS` (its private key file), `VERMILION_PLATFORM_KEY` (the platform's public key file) and
`VERMILION_CHECKPOINTS` (a folder). It knows no database, no vault and no Django.
"""

import base64
import binascii
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from celery import Celery, signals
from celery.worker import state

from inference.answering import Desk, answer
from inference.attempts import forget_old
from inference.broker import ORDER_QUEUE, ORDER_TASK, OUTCOME_QUEUE, OUTCOME_TASK, celery_settings
from inference.envelope import SEALED_ORDER_LENGTH, EnvelopeError
from inference.keys import read_platform_public, read_worker_keys
from inference.painter import Painter

BROKER_VARIABLE = "VERMILION_BROKER_URL"
KEYS_VARIABLE = "VERMILION_WORKER_KEYS"
PLATFORM_VARIABLE = "VERMILION_PLATFORM_KEY"
CHECKPOINTS_VARIABLE = "VERMILION_CHECKPOINTS"

_STARTED_FOLDER = "started"
_ENCODED_LENGTH = 4 * ((SEALED_ORDER_LENGTH + 2) // 3)

logger = logging.getLogger(__name__)


class WorkerError(ValueError):
    """The worker cannot start; the message names the variable to set."""


@dataclass(frozen=True)
class WorkerSettings:
    """The four things a worker is told."""

    broker_url: str
    keys_file: Path
    platform_file: Path
    checkpoints: Path


def settings_from(environment: Mapping[str, str]) -> WorkerSettings:
    """Read the worker's settings. Raises `WorkerError` for the first one that is missing."""
    names = (BROKER_VARIABLE, KEYS_VARIABLE, PLATFORM_VARIABLE, CHECKPOINTS_VARIABLE)
    for name in names:
        if not environment.get(name):
            raise WorkerError(f"set {name}: a worker needs {', '.join(names)}")
    broker_url, *paths = (environment[name] for name in names)
    return WorkerSettings(broker_url, *(Path(path) for path in paths))


# fixups=[] keeps Celery from loading Django when DJANGO_SETTINGS_MODULE happens to be set.
app = Celery("inference", fixups=[])
app.add_defaults(lambda: celery_settings(settings_from(os.environ).broker_url))


@lru_cache(maxsize=1)
def _desk() -> tuple[Desk, Painter]:
    told = settings_from(os.environ)
    started = told.keys_file.parent / _STARTED_FOLDER
    keys, platform = read_worker_keys(told.keys_file), read_platform_public(told.platform_file)
    forget_old(started)
    return Desk(keys, platform, started), Painter(told.checkpoints)


@app.task(name=ORDER_TASK)
def inpaint(encoded: object) -> None:
    """Answer one order; whatever is none, or was answered before, is dropped with one line in the log."""
    if not isinstance(encoded, str) or len(encoded) != _ENCODED_LENGTH:
        logger.warning("a message that is no order was dropped")
        return
    desk, painter = _desk()
    try:
        outcome = answer(base64.b64decode(encoded, validate=True), desk, painter)
    except binascii.Error:
        logger.warning("a message that is no order was dropped")
    except EnvelopeError as problem:
        logger.warning("an order was refused: %s", problem.refusal)
    else:
        _send(outcome)


def run(*, once: bool = False, pool: str = "prefork") -> None:
    """Serve until told to stop, or with `once` for one order.

    `pool` is "prefork" (time limits hold, a crash of the network is survived) or "solo" (one process, for a demo).
    Raises `WorkerError`, `BrokerError` or `KeyFileError` before the first order is taken.
    """
    _desk()
    if once:
        signals.task_postrun.connect(_stop, weak=False)
    app.worker_main(
        [
            "worker",
            f"--pool={pool}",
            "--concurrency=1",
            f"--queues={ORDER_QUEUE}",
            "--without-gossip",
            "--without-mingle",
            "--without-heartbeat",
            "--loglevel=INFO",
        ]
    )


def _send(outcome: bytes | None) -> None:
    if outcome is None:
        logger.warning("an attempt that was started before was dropped")
        return
    app.send_task(
        OUTCOME_TASK,
        args=[base64.b64encode(outcome).decode("ascii")],
        queue=OUTCOME_QUEUE,
        argsrepr="",
        kwargsrepr="",
    )


def _stop(**_: object) -> None:
    # The typing stubs know only its initial value.
    state.should_stop = os.EX_OK  # type: ignore[assignment]

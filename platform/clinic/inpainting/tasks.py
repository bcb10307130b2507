"""The clinic's one Celery task: hand a sealed outcome to `record`.

Loaded by `clinic.config.celery` once Django is set up; served by `celery -A clinic.config worker -Q clinic`.
"""

import base64
import binascii
import logging

from celery.signals import task_prerun
from django.db import close_old_connections

from clinic.inpainting.queue import app
from clinic.inpainting.record import accept
from inference.broker import OUTCOME_TASK
from inference.envelope import SEALED_OUTCOME_LENGTH

__all__ = ["app", "record_outcome", "refresh_connections"]

logger = logging.getLogger(__name__)

_ENCODED_LENGTH = 4 * ((SEALED_OUTCOME_LENGTH + 2) // 3)


@task_prerun.connect
def refresh_connections(**_: object) -> None:
    """Drop database connections that have died since the last task; without fixups nobody else does."""
    close_old_connections()


@app.task(name=OUTCOME_TASK)
def record_outcome(encoded: object) -> None:
    """Record one outcome; anything of another length or alphabet is no outcome and is dropped."""
    if not isinstance(encoded, str) or len(encoded) != _ENCODED_LENGTH:
        logger.warning("a message that is no outcome was dropped")
        return
    try:
        sealed = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        logger.warning("a message that is no outcome was dropped")
        return
    logger.info("outcome: %s", accept(sealed))

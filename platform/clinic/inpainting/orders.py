"""Builds the sealed order of one attempt: the only place where a picture leaves the platform, and it leaves blanked.

From `dispatch`, inside its transaction; to the outbox. The key that opens the answer is sealed into the vault under the
case's own key, so erasing the case also closes answers still under way.
"""

import os
import time
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from clinic.cases import pictures
from clinic.cases.models import Mask
from clinic.inpainting.models import InpaintingJob, OutboxEntry, Worker
from clinic.vault.errors import VaultError
from clinic.vault.models import SealedObject
from clinic.vault.store import discard, seal, unseal
from clinic.vault.vml1 import Kind
from inference.canonical import blank
from inference.contract import NONCE_LENGTH, Hole, Order, OrderHeader, Pixels
from inference.envelope import digest, new_result_key, seal_order
from inference.keys import platform_key_id

ORDER_LIFETIME_SECONDS = 24 * 60 * 60


@dataclass(frozen=True)
class Sender:
    """Who signs and who may read: loaded once for the four orders of a case."""

    key: Ed25519PrivateKey
    worker: Worker


@dataclass(frozen=True, eq=False)
class Blanked:
    """What a worker may see of a case: the crop with its hole zeroed, and the hole."""

    pixels: Pixels
    hole: Hole


@dataclass(frozen=True)
class ReplySecret:
    """What proves and opens the answer to one order: the nonce inside it and the private result key."""

    nonce: bytes
    private_key: bytes


def blanked(mask: Mask) -> Blanked:
    """Open crop and mask and blank the one by the other. Raises `VaultError`."""
    hole = pictures.hole(mask)
    return Blanked(blank(pictures.canonical(mask.crop), hole), hole)


def issue(job: InpaintingJob, view: Blanked, sender: Sender) -> OutboxEntry:
    """Seal an order for the job's present attempt and put it into the outbox, replacing an unanswered one."""
    nonce, (private_key, public_key) = os.urandom(NONCE_LENGTH), new_result_key()
    now = int(time.time())
    identity = sender.worker.identity
    header = OrderHeader(
        job=job.id,
        attempt=job.attempt,
        method=job.method,
        issued=now,
        expires=now + ORDER_LIFETIME_SECONDS,
        worker_key_id=identity.key_id,
        platform_key_id=platform_key_id(sender.key.public_key()),
    )
    checkpoint = bytes.fromhex(job.checkpoint.sha256)
    # The seed follows from the job, so that another attempt paints the same picture.
    seed = int.from_bytes(job.id.bytes[:8], "big")
    order = Order(nonce, public_key, checkpoint, seed, view.hole, view.pixels)
    sealed = seal_order(header, order, sender.key, identity)
    return OutboxEntry.objects.create(
        job=job,
        attempt=job.attempt,
        worker=sender.worker,
        order=sealed,
        order_digest=digest(sealed),
        expires_at=datetime.fromtimestamp(header.expires, UTC),
        secret=_keep(job, ReplySecret(nonce, private_key)),
    )


def reply_secret(entry: OutboxEntry) -> ReplySecret:
    """Open what `issue` kept for the answer. Raises `VaultError`, also once the answer was taken or the case erased."""
    if entry.secret is None:
        raise VaultError("the answer to this order was taken already")
    plaintext = unseal(entry.secret, context=_context(entry.job, entry.attempt))
    return ReplySecret(plaintext[:NONCE_LENGTH], plaintext[NONCE_LENGTH:])


def forget_secrets(job: InpaintingJob) -> None:
    """Drop what would open answers to this job's orders: they were answered, or will be refused as too old."""
    for entry in job.outbox.exclude(secret=None).select_related("secret"):
        if entry.secret is not None:
            discard(entry.secret)
    job.outbox.update(secret=None, order=b"")


def _keep(job: InpaintingJob, secret: ReplySecret) -> SealedObject:
    case_key = job.mask.crop.photograph.case.case_key
    return seal(case_key, Kind.SECRET, secret.nonce + secret.private_key, context=_context(job, job.attempt))


def _context(job: InpaintingJob, attempt: int) -> tuple[bytes, ...]:
    return (job.mask.crop.photograph.case_id.bytes, job.id.bytes, attempt.to_bytes(4, "big"))

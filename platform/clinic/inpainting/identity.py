"""The platform's signing key, in a file beside the vault key, and the workers it has enrolled.

`manage.py enrol_worker` makes both; `orders` signs with the one and seals to the other.
"""

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.utils import timezone

from clinic.inpainting.models import Worker
from clinic.inpainting.refusals import InpaintingRefusal
from inference.keys import PLATFORM_PUBLIC_FILE, WorkerIdentity, read_key_file, write_key_file


def platform_key() -> Ed25519PrivateKey:
    """Return the key that signs orders. Raises `KeyFileError` when it is missing or others may read it."""
    values = read_key_file(Path(settings.PLATFORM_KEY_FILE), ("signing",), private=True)
    return Ed25519PrivateKey.from_private_bytes(values["signing"])


def create_platform_key() -> None:
    """Make the signing key unless there is one."""
    path = Path(settings.PLATFORM_KEY_FILE)
    if not path.exists():
        write_key_file(path, {"signing": Ed25519PrivateKey.generate().private_bytes_raw().hex()}, mode=0o600)


def write_platform_public(folder: Path) -> Path:
    """Write `platform.pub`, by which a worker knows our orders, into `folder`; the same file again is no error."""
    path = folder / PLATFORM_PUBLIC_FILE
    if not path.exists():
        write_key_file(path, {"signing": platform_key().public_key().public_bytes_raw().hex()}, mode=0o644)
    return path


def enrol(name: str, identity: WorkerIdentity) -> Worker:
    """Enrol a worker by its public keys; the same name with the same keys again returns the same row.

    Raises `InpaintingRefusal` when the name or the keys are already those of another worker, or were revoked.
    """
    known = Worker.objects.filter(name=name).first() or Worker.objects.filter(signing_key=identity.signing).first()
    if known is None:
        return Worker.objects.create(name=name, signing_key=identity.signing, sealing_key=identity.sealing)
    if known.name != name or known.identity != identity:
        raise InpaintingRefusal("WORKER-KNOWN", f"{known.name} is enrolled with other keys: revoke it or choose a name")
    if known.revoked_at:
        raise InpaintingRefusal("WORKER-REVOKED", f"{name} was revoked: make new keys with worker-keys and enrol those")
    return known


def revoke(name: str) -> None:
    """Believe nothing from this worker from now on. Raises `InpaintingRefusal` for an unknown name."""
    if not Worker.objects.filter(name=name, revoked_at=None).update(revoked_at=timezone.now()):
        raise InpaintingRefusal("WORKER-UNKNOWN", f"no worker called {name} is enrolled")


def current_worker() -> Worker:
    """Return the worker that orders are sealed to: the one enrolled last and not revoked.

    Raises `InpaintingRefusal` when there is none.
    """
    worker = Worker.objects.filter(revoked_at=None).order_by("enrolled_at").last()
    if worker is None:
        raise InpaintingRefusal(
            "NO-WORKER", "No worker is enrolled yet. Ask the operator to run manage.py enrol_worker."
        )
    return worker

"""Keys of the two sides of the queue, in small JSON files: private ones 0600, public ones to be handed over.

A worker signs outcomes and opens orders; the platform signs orders. From `python -m inference worker-keys` and
`manage.py enrol_worker`; to `inference.worker` and `clinic.inpainting`, which hand the keys to `inference.envelope`.
"""

import hashlib
import json
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from inference.contract import KEY_ID_LENGTH

WORKER_PRIVATE_FILE = "worker.key"
WORKER_PUBLIC_FILE = "worker.pub"
PLATFORM_PUBLIC_FILE = "platform.pub"


class KeyFileError(ValueError):
    """A key file that is missing, unsafe or damaged; the message says what to do and quotes no key."""


@dataclass(frozen=True)
class WorkerIdentity:
    """A worker's public keys, 32 raw bytes each: Ed25519 for outcomes, X25519 for orders."""

    signing: bytes
    sealing: bytes

    @property
    def key_id(self) -> bytes:
        """The 8 bytes by which headers name this worker."""
        return _key_id(self.signing + self.sealing)


@dataclass(frozen=True)
class WorkerKeys:
    """A worker's private keys. They never appear in its repr."""

    signing: Ed25519PrivateKey = field(repr=False)
    sealing: X25519PrivateKey = field(repr=False)

    @property
    def identity(self) -> WorkerIdentity:
        return WorkerIdentity(
            self.signing.public_key().public_bytes_raw(), self.sealing.public_key().public_bytes_raw()
        )


def platform_key_id(signing: Ed25519PublicKey) -> bytes:
    """Return the 8 bytes by which headers name the platform's signing key."""
    return _key_id(signing.public_bytes_raw())


def create_worker_keys(folder: Path) -> WorkerIdentity:
    """Write a new worker's private and public key file into `folder`. Raises `KeyFileError` if one is there already."""
    keys = WorkerKeys(Ed25519PrivateKey.generate(), X25519PrivateKey.generate())
    private = {"signing": keys.signing.private_bytes_raw().hex(), "sealing": keys.sealing.private_bytes_raw().hex()}
    write_key_file(folder / WORKER_PRIVATE_FILE, private, mode=0o600)
    identity = keys.identity
    public = {"signing": identity.signing.hex(), "sealing": identity.sealing.hex()}
    write_key_file(folder / WORKER_PUBLIC_FILE, public, mode=0o644)
    return identity


def read_worker_keys(path: Path) -> WorkerKeys:
    """Read a worker's private key file. Raises `KeyFileError`, also when others may read the file."""
    values = read_key_file(path, ("signing", "sealing"), private=True)
    return WorkerKeys(
        Ed25519PrivateKey.from_private_bytes(values["signing"]), X25519PrivateKey.from_private_bytes(values["sealing"])
    )


def read_worker_identity(path: Path) -> WorkerIdentity:
    """Read a worker's public key file. Raises `KeyFileError`."""
    values = read_key_file(path, ("signing", "sealing"), private=False)
    return WorkerIdentity(values["signing"], values["sealing"])


def read_platform_public(path: Path) -> Ed25519PublicKey:
    """Read the platform's public signing key. Raises `KeyFileError`."""
    return Ed25519PublicKey.from_public_bytes(read_key_file(path, ("signing",), private=False)["signing"])


def write_key_file(path: Path, values: dict[str, str], *, mode: int) -> None:
    """Write hexadecimal `values` to a new file at `path`. Raises `KeyFileError` rather than overwrite one."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError:
        raise KeyFileError(f"{path} exists already; choose another folder, or remove it if no one uses it") from None
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(values, file)
        file.write("\n")


def read_key_file(path: Path, names: tuple[str, ...], *, private: bool) -> dict[str, bytes]:
    """Read the 32-byte keys called `names` from `path`. Raises `KeyFileError`, never quoting what the file holds."""
    try:
        if private and stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise KeyFileError(f"others may read the private key {path}: chmod 600 it")
        values = json.loads(path.read_text(encoding="utf-8"))
        keys = {name: bytes.fromhex(values[name]) for name in names}
    except OSError as problem:
        raise KeyFileError(f"the key file {path} cannot be read: {problem.strerror}") from None
    except (ValueError, KeyError, TypeError) as problem:
        if isinstance(problem, KeyFileError):
            raise
        raise KeyFileError(f"{path} is not a key file with {' and '.join(names)}") from None
    if any(len(key) != 32 for key in keys.values()):
        raise KeyFileError(f"a key in {path} has not 32 bytes")
    return keys


def _key_id(public: bytes) -> bytes:
    return hashlib.sha256(b"vermilion key id" + public).digest()[:KEY_ID_LENGTH]

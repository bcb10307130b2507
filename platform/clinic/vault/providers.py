"""Where the key-encryption keys come from: a guarded file (the default), the environment, or a passphrase.

Chosen by `settings.VAULT_KEY_PROVIDER`; read by `clinic.vault.casekeys` whenever a case key has to be unwrapped, so a
rotation in one process is seen by all. Every refusal says what to do and never quotes a key.
"""

import os
import stat
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from django.conf import settings

from clinic.vault.errors import VaultError
from clinic.vault.files import write_whole
from clinic.vault.keyring import KeyProvider, Keyring, fresh_keyring, kek_id, read_keyring, write_keyring
from clinic.vault.vml1 import KEY_LENGTH

RING_VARIABLE = "VERMILION_VAULT_KEYRING"
PASSPHRASE_VARIABLE = "VERMILION_VAULT_PASSPHRASE"

# RFC 9106's second recommendation, with four times its memory. Fixed here, so no file can weaken or inflate it.
ARGON2_MEMORY_KIB = 256 * 1024
ARGON2_PASSES = 3
ARGON2_LANES = 4
SHORTEST_PASSPHRASE = 16
_SALT_LENGTH = 16


def key_provider() -> KeyProvider:
    """Return the configured provider, read afresh. Raises `VaultError` when it is missing or unsafe."""
    provider = settings.VAULT_KEY_PROVIDER
    if provider == "file":
        return read_key_file(Path(settings.VAULT_KEY_FILE))
    if provider == "environment":
        return read_keyring(_from_environment(RING_VARIABLE))
    if provider == "passphrase":
        return _from_passphrase(Path(settings.VAULT_KEY_FILE))
    raise VaultError(f"VERMILION_VAULT_KEY_PROVIDER must be file, environment or passphrase, not {provider!r}")


def create_key_file(path: Path) -> Keyring:
    """Write a new key ring to `path` (0600) and return it. Raises `VaultError` if the file exists or is misplaced."""
    _refuse_place(path)
    ring = fresh_keyring()
    try:
        write_whole(path, write_keyring(ring).encode())
    except FileExistsError:
        raise VaultError(f"{path} exists already; it may be the only key to stored pictures, so it stays") from None
    return ring


def replace_key_file(path: Path, ring: Keyring) -> None:
    """Put `ring` in place of the one in `path`, in one step. Raises `VaultError` unless the present file is sound."""
    read_key_file(path)
    write_whole(path, write_keyring(ring).encode(), replace=True)


def read_key_file(path: Path) -> Keyring:
    """Read the ring in `path`. Raises `VaultError` for a missing, foreign, readable-by-others or misplaced file."""
    _refuse_place(path)
    return read_keyring(_guarded_text(path))


def create_passphrase_file(path: Path) -> str:
    """Write the salt and the check of the passphrase in the environment to `path`; return the key's id."""
    _refuse_place(path)
    salt = os.urandom(_SALT_LENGTH)
    name = kek_id(_derive(_from_environment(PASSPHRASE_VARIABLE), salt))
    try:
        write_whole(path, f"{salt.hex()} {name}\n".encode())
    except FileExistsError:
        raise VaultError(f"{path} exists already; without its salt the passphrase opens nothing, so it stays") from None
    return name


def _from_passphrase(path: Path) -> Keyring:
    salt, _, name = _guarded_text(path).strip().partition(" ")
    try:
        key = _derive(_from_environment(PASSPHRASE_VARIABLE), bytes.fromhex(salt))
    except ValueError:
        raise VaultError(f"{path} is not a passphrase file: make one with manage.py init_vault") from None
    if kek_id(key) != name:
        raise VaultError(f"{PASSPHRASE_VARIABLE} is not the passphrase this vault was made with")
    return Keyring((key,))


@lru_cache(maxsize=2)
def _derive(passphrase: str, salt: bytes) -> bytes:
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise VaultError(f"{PASSPHRASE_VARIABLE} needs at least {SHORTEST_PASSPHRASE} characters")
    derivation = Argon2id(
        salt=salt,
        length=KEY_LENGTH,
        iterations=ARGON2_PASSES,
        lanes=ARGON2_LANES,
        memory_cost=ARGON2_MEMORY_KIB,
    )
    return derivation.derive(passphrase.encode())


def _from_environment(name: str) -> str:
    direct, file = os.environ.get(name), os.environ.get(f"{name}_FILE")
    if direct:
        return direct
    if file:
        return _guarded_text(Path(file)).strip()
    raise VaultError(f"set {name}, or {name}_FILE to a file that only you may read")


def _guarded_text(path: Path) -> str:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except FileNotFoundError:
        raise VaultError(f"there is no vault key at {path}: make one with manage.py init_vault") from None
    except OSError as problem:
        raise VaultError(f"the vault key {path} cannot be read: {problem.strerror}") from None
    with os.fdopen(descriptor, encoding="utf-8", errors="replace") as file:
        # The open file is asked, not the path, so that nobody can swap it between the question and the reading.
        facts = os.fstat(descriptor)
        if not stat.S_ISREG(facts.st_mode) or stat.S_IMODE(facts.st_mode) & 0o077:
            raise VaultError(f"others may read the vault key {path}: chmod 600 it")
        if facts.st_uid != os.geteuid():
            raise VaultError(f"the vault key {path} belongs to another user: chown it to the one who runs the clinic")
        return file.read(64 * 1024)


def _refuse_place(path: Path) -> None:
    place, data, blobs = path.resolve(), Path(settings.DATA).resolve(), Path(settings.VAULT_ROOT).resolve()
    if place.is_relative_to(blobs):
        raise VaultError(f"the vault key {path} lies among the blobs it opens: keep it elsewhere")
    # The data folder of a demo lies in the checkout but is ignored by git; any other place in it may be committed.
    if place.is_relative_to(Path(settings.ROOT).resolve()) and not place.is_relative_to(data):
        raise VaultError(f"the vault key {path} lies in the repository: keep it elsewhere")

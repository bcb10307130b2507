"""The key-encryption keys (KEKs): a ring of them, the newest wraps, every one of them unwraps.

Made by a provider of `clinic.vault.providers`; used by `clinic.vault.casekeys` to wrap and unwrap one key per case. A
key's id is derived from the key, so a damaged or mistyped key can never pass for another.
"""

import base64
import binascii
import hashlib
import os
from dataclasses import dataclass, field
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from clinic.vault.errors import VaultError
from clinic.vault.vml1 import KEY_LENGTH, NONCE_LENGTH

_HEADING = "VML-KEYRING 1"
_LABEL = b"VML1 case key"


class KeyProvider(Protocol):
    """Whoever can wrap case keys. A remote key service fits behind these three members as well as a file does."""

    @property
    def current_id(self) -> str:
        """The id of the KEK that wraps from now on."""

    def wrap(self, case_key: bytes, binding: bytes) -> bytes:
        """Return `case_key` (32 bytes) wrapped by the current KEK and bound to `binding`."""

    def unwrap(self, kek_id: str, wrapped: bytes, binding: bytes) -> bytes:
        """Return the case key again. Raises `VaultError` for a missing KEK, a wrong binding or changed bytes."""


def kek_id(key: bytes) -> str:
    """Return the 16 hexadecimal digits that name `key` and prove it intact."""
    return hashlib.sha256(b"vermilion kek" + key).hexdigest()[:16]


@dataclass(frozen=True)
class Keyring:
    """KEKs held in this process, oldest first. The keys never appear in its repr."""

    keys: tuple[bytes, ...] = field(repr=False)

    def __post_init__(self) -> None:
        if not self.keys:
            raise VaultError("the key ring is empty: restore it from escrow")
        if any(len(key) != KEY_LENGTH for key in self.keys):
            raise VaultError(f"a vault key must have {KEY_LENGTH} bytes")
        if len(set(self.keys)) != len(self.keys):
            raise VaultError("the key ring holds the same key twice")

    @property
    def current_id(self) -> str:
        return kek_id(self.keys[-1])

    def wrap(self, case_key: bytes, binding: bytes) -> bytes:
        nonce = os.urandom(NONCE_LENGTH)
        return nonce + AESGCM(self.keys[-1]).encrypt(nonce, case_key, self._binding(self.current_id, binding))

    def unwrap(self, kek_id: str, wrapped: bytes, binding: bytes) -> bytes:
        key = self._named(kek_id)
        nonce, sealed = wrapped[:NONCE_LENGTH], wrapped[NONCE_LENGTH:]
        try:
            return AESGCM(key).decrypt(nonce, sealed, self._binding(kek_id, binding))
        except (InvalidTag, ValueError):
            raise VaultError("a case key was changed, or belongs to another case") from None

    def with_new_key(self) -> "Keyring":
        """Return this ring with a fresh key that wraps from now on."""
        return Keyring((*self.keys, AESGCM.generate_key(bit_length=256)))

    def newest_only(self) -> "Keyring":
        """Return the ring without the keys that a finished rotation has made useless."""
        return Keyring(self.keys[-1:])

    def _named(self, name: str) -> bytes:
        for key in self.keys:
            if kek_id(key) == name:
                return key
        raise VaultError(f"vault key {name} is not in the ring: restore it from escrow")

    @staticmethod
    def _binding(name: str, binding: bytes) -> bytes:
        return _LABEL + name.encode() + binding


def fresh_keyring() -> Keyring:
    """Return a ring of one new random key."""
    return Keyring((AESGCM.generate_key(bit_length=256),))


def write_keyring(ring: Keyring) -> str:
    """Return the ring as text: a heading, then one line per key with its id, the newest last."""
    lines = [f"{kek_id(key)} {base64.b64encode(key).decode()}" for key in ring.keys]
    return "\n".join([_HEADING, *lines, ""])


def read_keyring(text: str) -> Keyring:
    """Read what `write_keyring` wrote. Raises `VaultError`, never quoting the text, for anything else."""
    heading, *lines = text.splitlines() or [""]
    if heading != _HEADING:
        raise VaultError(f"the vault key must begin with the line {_HEADING!r}: make one with manage.py init_vault")
    return Keyring(tuple(_read_key(line) for line in lines if line.strip()))


def _read_key(line: str) -> bytes:
    name, _, encoded = line.partition(" ")
    try:
        key = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        raise VaultError("a line of the vault key is not an id and a base64 key: restore it from escrow") from None
    if len(key) != KEY_LENGTH:
        raise VaultError(f"a vault key must have {KEY_LENGTH} bytes, one of the ring has {len(key)}")
    if kek_id(key) != name:
        raise VaultError("a line of the vault key does not match its own id: restore it from escrow")
    return key

"""Who made a ZIP of exports: an Ed25519 signature over its list of digests.

`evaluation.exports.bundle` signs with what the clinic hands in, `evaluation.verify` checks. Keys are plain PEM and
signatures raw, so that OpenSSL alone can check them too (docs/statistics.md, "Exports").
"""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

GROUP = 8


@dataclass(frozen=True)
class Signer:
    """A public key as PEM, and what signs bytes with the private key that belongs to it."""

    public: bytes
    sign: Callable[[bytes], bytes]


def signer(key: Ed25519PrivateKey) -> Signer:
    """What signs with this key; the key itself stays where it is."""
    return Signer(public_pem(key.public_key()), key.sign)


def public_pem(key: Ed25519PublicKey) -> bytes:
    """A public key as PEM."""
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def read_public(pem: bytes) -> Ed25519PublicKey:
    """The key in a PEM file; raises ValueError when it holds none of this kind."""
    try:
        key = load_pem_public_key(pem)
    except ValueError:
        raise ValueError("no public key in PEM is in it") from None
    if not isinstance(key, Ed25519PublicKey):
        raise ValueError("its key is not an Ed25519 key")
    return key


def fingerprint(key: Ed25519PublicKey) -> str:
    """SHA-256 of the raw key in groups of eight digits, to be read aloud and compared."""
    digest = sha256(key.public_bytes_raw()).hexdigest()
    return " ".join(digest[at : at + GROUP] for at in range(0, len(digest), GROUP))


def belongs(key: Ed25519PublicKey, signature: bytes, message: bytes) -> bool:
    """Whether the key's owner signed exactly this message."""
    try:
        key.verify(signature, message)
    except InvalidSignature:
        return False
    return True

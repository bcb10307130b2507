"""The VML1 object format: one sealed object as bytes, and back.

From `clinic.vault.store`, which brings the unwrapped case key and what the database expects; to the blob on disk.
Knows neither Django nor files, so that a format vector can be checked with nothing else around.

All numbers are big-endian:

====== ======= =====================================================
offset  bytes  meaning
====== ======= =====================================================
0       4      magic ``VML1``
4       1      suite, 1 = AES-256-GCM for wrap and body
5       1      kind
6       2      reserved, 0
8       16     object id
24      16     case-key id
40      4      object version
44      8      plaintext length
52      12     wrap nonce
64      48     object key wrapped by the case key (32 + tag 16)
112     12     body nonce
124     n      AES-256-GCM of the plaintext
124+n   16     tag
====== ======= =====================================================
"""

import hashlib
import os
import struct
import uuid
from dataclasses import dataclass
from enum import IntEnum

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from clinic.vault.errors import VaultError

MAGIC = b"VML1"
SUITE = 1
MAX_PLAINTEXT = 64 * 1024 * 1024

KEY_LENGTH = 32
NONCE_LENGTH = 12
TAG_LENGTH = 16
WRAPPED_LENGTH = KEY_LENGTH + TAG_LENGTH

_IDENTITY = struct.Struct(">4sBBH16s16sIQ")
IDENTITY_LENGTH = _IDENTITY.size
HEADER_LENGTH = IDENTITY_LENGTH + NONCE_LENGTH + WRAPPED_LENGTH + NONCE_LENGTH
OVERHEAD = HEADER_LENGTH + TAG_LENGTH

_WRAP_LABEL = b"VML1 object key"
_BODY_LABEL = b"VML1 object body"


class Kind(IntEnum):
    """What a sealed object holds."""

    PHOTO = 1
    MASK = 2
    LANDMARKS = 3
    CROP = 4
    MODEL_PATCH = 5
    COMPOSITE = 6
    PRESENTATION = 7
    EXPORT = 8
    SECRET = 9


@dataclass(frozen=True)
class Identity:
    """Everything a reader knows of an object before opening it; it must equal the blob's header byte for byte."""

    kind: Kind
    object_id: uuid.UUID
    case_key_id: uuid.UUID
    version: int
    plaintext_length: int

    def encode(self) -> bytes:
        """Return the 52 bytes that open every VML1 object."""
        return _IDENTITY.pack(
            MAGIC,
            SUITE,
            self.kind,
            0,
            self.object_id.bytes,
            self.case_key_id.bytes,
            self.version,
            self.plaintext_length,
        )


def encode_context(context: tuple[bytes, ...]) -> bytes:
    """Join the ids that say where an object belongs, each after its length, so that no two contexts look alike."""
    return b"".join(len(part).to_bytes(4, "big") + part for part in context)


def seal_object(case_key: bytes, identity: Identity, context: tuple[bytes, ...], plaintext: bytes) -> bytes:
    """Return `plaintext` as one VML1 object under a fresh object key.

    `case_key` is 32 bytes. Raises `VaultError` when the plaintext is over 64 MiB or not as long as `identity` says.
    """
    if len(plaintext) > MAX_PLAINTEXT:
        raise VaultError(f"an object holds at most {MAX_PLAINTEXT} bytes, this one has {len(plaintext)}")
    if len(plaintext) != identity.plaintext_length:
        raise VaultError("the plaintext is not as long as its identity says")
    opening = identity.encode()
    joined = encode_context(context)
    object_key = AESGCM.generate_key(bit_length=256)
    wrap_nonce, body_nonce = os.urandom(NONCE_LENGTH), os.urandom(NONCE_LENGTH)
    wrapped = AESGCM(case_key).encrypt(wrap_nonce, object_key, _wrap_binding(opening, joined))
    header = opening + wrap_nonce + wrapped + body_nonce
    return header + AESGCM(object_key).encrypt(body_nonce, plaintext, _BODY_LABEL + header + joined)


def open_object(case_key: bytes, identity: Identity, context: tuple[bytes, ...], blob: bytes) -> bytes:
    """Return the plaintext of `blob` if it is, whole and unchanged, the object that `identity` and `context` name.

    The header is compared and the length checked before any key is used. Raises `VaultError`, and nothing else, for
    every other blob.
    """
    opening = identity.encode()
    if len(blob) != OVERHEAD + identity.plaintext_length or blob[:IDENTITY_LENGTH] != opening:
        raise VaultError("the sealed object is not the one its row describes")
    header = blob[:HEADER_LENGTH]
    wrap_nonce = header[IDENTITY_LENGTH : IDENTITY_LENGTH + NONCE_LENGTH]
    wrapped = header[IDENTITY_LENGTH + NONCE_LENGTH : -NONCE_LENGTH]
    body_nonce = header[-NONCE_LENGTH:]
    joined = encode_context(context)
    try:
        object_key = AESGCM(case_key).decrypt(wrap_nonce, wrapped, _wrap_binding(opening, joined))
        return AESGCM(object_key).decrypt(body_nonce, blob[HEADER_LENGTH:], _BODY_LABEL + header + joined)
    except InvalidTag:
        raise VaultError("the sealed object was changed, or belongs to another place") from None


def _wrap_binding(opening: bytes, joined_context: bytes) -> bytes:
    return _WRAP_LABEL + opening + hashlib.sha256(joined_context).digest()

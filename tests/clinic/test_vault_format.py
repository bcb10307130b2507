"""The VML1 format itself: what opens, what never opens, and that a second reader agrees."""

import json
import os
import random
import uuid
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.hashes import SHA256, Hash

from clinic.vault.errors import VaultError
from clinic.vault.vml1 import HEADER_LENGTH, MAX_PLAINTEXT, Identity, Kind, open_object, seal_object

# Made once, when the format was fixed, and never again: blobs of today must open tomorrow.
VECTORS = json.loads((Path(__file__).parent / "vectors" / "vml1.json").read_text())

KEY = bytes(range(32))
PLACE = (uuid.uuid4().bytes, uuid.uuid4().bytes)


def identity(length: int, **changes: object) -> Identity:
    known = Identity(Kind.CROP, uuid.uuid4(), uuid.uuid4(), 1, length)
    return replace(known, **changes)


def refused(case_key: bytes, expected: Identity, place: tuple[bytes, ...], blob: bytes) -> bool:
    """Whether the blob is refused by the one exception; any other exception fails the test."""
    try:
        open_object(case_key, expected, place, blob)
    except VaultError:
        return True
    return False


def second_reader(vector: dict) -> bytes | None:
    """Open a VML1 object by its byte table alone, sharing no code with the vault; None when it must not open."""
    blob, expected = bytes.fromhex(vector["blob"]), b"VML1\x01" + bytes([vector["kind"], 0, 0])
    expected += bytes.fromhex(vector["object_id"]) + bytes.fromhex(vector["case_key_id"])
    expected += vector["version"].to_bytes(4, "big") + vector["plaintext_length"].to_bytes(8, "big")
    if blob[:52] != expected or len(blob) != 140 + vector["plaintext_length"]:
        return None
    context = b"".join(bytes([0, 0, 0, len(part) // 2]) + bytes.fromhex(part) for part in vector["context"])
    hashed = Hash(SHA256())
    hashed.update(context)
    try:
        wrap_label = b"VML1 object key" + expected + hashed.finalize()
        key = _gcm(bytes.fromhex(vector["case_key"]), blob[52:64], wrap_label, blob[64:112])
        return _gcm(key, blob[112:124], b"VML1 object body" + blob[:124] + context, blob[124:])
    except InvalidTag:
        return None


def _gcm(key: bytes, nonce: bytes, binding: bytes, sealed: bytes) -> bytes:
    opening = Cipher(algorithms.AES256(key), modes.GCM(nonce, sealed[-16:])).decryptor()
    opening.authenticate_additional_data(binding)
    return opening.update(sealed[:-16]) + opening.finalize()


def test_there_are_enough_vectors():
    assert len(VECTORS) >= 160
    assert sum(vector["plaintext"] is not None for vector in VECTORS) == 40


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_both_readers_agree_with_the_vector(vector):
    expected = Identity(
        Kind(vector["kind"]),
        uuid.UUID(vector["object_id"]),
        uuid.UUID(vector["case_key_id"]),
        vector["version"],
        vector["plaintext_length"],
    )
    place = tuple(bytes.fromhex(part) for part in vector["context"])
    try:
        opened = open_object(bytes.fromhex(vector["case_key"]), expected, place, bytes.fromhex(vector["blob"]))
    except VaultError:
        opened = None

    wanted = None if vector["plaintext"] is None else bytes.fromhex(vector["plaintext"])
    assert opened == wanted
    assert second_reader(vector) == wanted


def test_what_is_sealed_now_opens_in_the_second_reader():
    expected, plaintext = identity(1000), os.urandom(1000)
    vector = {
        "blob": seal_object(KEY, expected, PLACE, plaintext).hex(),
        "case_key": KEY.hex(),
        "kind": int(expected.kind),
        "object_id": expected.object_id.hex,
        "case_key_id": expected.case_key_id.hex,
        "version": 1,
        "plaintext_length": 1000,
        "context": [part.hex() for part in PLACE],
    }

    assert second_reader(vector) == plaintext


def test_every_flipped_bit_is_refused():
    """T01: every bit of the header, and ten thousand random ones of which half lie in it."""
    expected = identity(4096)
    blob = seal_object(KEY, expected, PLACE, os.urandom(4096))
    chance = random.Random(1)
    bits = list(range(HEADER_LENGTH * 8))
    bits += [chance.randrange(HEADER_LENGTH * 8) for _ in range(5000)]
    bits += [chance.randrange(HEADER_LENGTH * 8, len(blob) * 8) for _ in range(5000)]

    for bit in bits:
        changed = bytearray(blob)
        changed[bit // 8] ^= 1 << bit % 8
        assert refused(KEY, expected, PLACE, bytes(changed)), bit


def test_no_object_opens_in_the_place_of_another():
    """T02: 48 objects, each put into the 47 other places, as it is and with the header edited to match."""
    keys = [os.urandom(32) for _ in range(4)]
    case_ids = [uuid.uuid4() for _ in range(4)]
    places = []
    for number in range(48):
        case = number % 4
        expected = identity(64, kind=Kind(number % 9 + 1), case_key_id=case_ids[case], version=number % 3 + 1)
        place = (case_ids[case].bytes, uuid.uuid4().bytes)
        places.append((keys[case], expected, place, seal_object(keys[case], expected, place, os.urandom(64))))

    swaps = [(here, there) for here in places for there in places if here is not there]
    assert len(swaps) == 2256
    for (_, _, _, blob), (key, expected, place, _) in swaps:
        assert refused(key, expected, place, blob)
        assert refused(key, expected, place, expected.encode() + blob[52:])


def test_an_older_version_does_not_pass_for_the_present_one():
    older = identity(16, version=1)
    blob = seal_object(KEY, older, PLACE, os.urandom(16))

    assert refused(KEY, replace(older, version=2), PLACE, blob)
    assert refused(KEY, replace(older, version=2), PLACE, replace(older, version=2).encode() + blob[52:])


def test_no_shorter_or_longer_blob_opens():
    """T03: every length of a 40 kB object, and a byte more or less at either end."""
    expected = identity(40_000)
    blob = seal_object(KEY, expected, PLACE, os.urandom(40_000))

    assert all(refused(KEY, expected, PLACE, blob[:length]) for length in range(len(blob)))
    for byte in range(256):
        assert refused(KEY, expected, PLACE, blob + bytes([byte]))
        assert refused(KEY, expected, PLACE, bytes([byte]) + blob)
    assert refused(KEY, expected, PLACE, blob[1:])


def test_contexts_that_read_alike_when_joined_are_kept_apart():
    expected = identity(8)
    blob = seal_object(KEY, expected, (b"ab", b"c"), os.urandom(8))

    assert refused(KEY, expected, (b"a", b"bc"), blob)


def test_the_same_plaintext_never_gives_the_same_blob():
    expected = identity(8)

    assert seal_object(KEY, expected, PLACE, bytes(8)) != seal_object(KEY, expected, PLACE, bytes(8))


def test_an_object_over_64_mib_is_refused():
    with pytest.raises(VaultError, match="at most"):
        seal_object(KEY, identity(MAX_PLAINTEXT + 1), PLACE, bytes(MAX_PLAINTEXT + 1))


def test_a_plaintext_of_another_length_than_its_identity_is_refused():
    with pytest.raises(VaultError, match="not as long"):
        seal_object(KEY, identity(9), PLACE, bytes(8))

"""Files that mean harm, each with a card that vouches for its digest, are refused and run nothing."""

import gzip
import hashlib
import io
import json
import os
import pickle
import struct
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch

from inference import checkpoint
from inference.checkpoint import CheckpointError


class Burglar:
    """Unpickling this leaves a folder behind."""

    def __init__(self, canary: Path) -> None:
        self.canary = canary

    def __reduce__(self):
        return (os.mkdir, (str(self.canary),))


@dataclass(frozen=True)
class Good:
    """A sound file taken apart, and the canary that no hostile one may touch."""

    content: bytes
    header: dict
    body: bytes
    canary: Path

    def with_header(self, **changed) -> bytes:
        return packed(self.header | changed, self.body)

    def with_first(self, **changed) -> bytes:
        """The file with its first tensor described otherwise."""
        name = next(key for key in self.header if key != "__metadata__")
        return self.with_header(**{name: self.header[name] | changed})


def packed(header: object, body: bytes) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + body


def torch_saved(thing: object, **options) -> bytes:
    raw = io.BytesIO()
    torch.save(thing, raw, **options)
    return raw.getvalue()


def zipped(name: str, content: bytes) -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        archive.writestr(name, content)
    return raw.getvalue()


HOSTILE: dict[str, Callable[[Good], bytes]] = {
    **{
        f"pickle, protocol {protocol}": lambda good, protocol=protocol: pickle.dumps(Burglar(good.canary), protocol)
        for protocol in range(6)
    },
    "torch.save with code": lambda good: torch_saved({"generator": Burglar(good.canary)}),
    "torch.save of old with code": lambda good: torch_saved(Burglar(good.canary), _use_new_zipfile_serialization=False),
    "torch.save of honest weights": lambda good: torch_saved({"generator": {"weight": torch.zeros(2)}}),
    "zip around a pickle": lambda good: zipped("archive/data.pkl", pickle.dumps(Burglar(good.canary))),
    "zip in a zip": lambda good: zipped("a.zip", zipped("archive/data.pkl", pickle.dumps(Burglar(good.canary)))),
    "pickle in the header's place": lambda good: packed(pickle.dumps(Burglar(good.canary)), good.body),
    "pickle behind the weights": lambda good: good.content + pickle.dumps(Burglar(good.canary)),
    "gzip": lambda good: gzip.compress(good.content),
    "nothing": lambda good: b"",
    "seven bytes": lambda good: bytes(7),
    "eight bytes": lambda good: bytes(8),
    "a header of 2^63 bytes": lambda good: struct.pack("<Q", 1 << 63) + good.content[8:],
    "a header of 100 MB": lambda good: struct.pack("<Q", 100_000_000) + good.content[8:],
    "a header longer than the file": lambda good: struct.pack("<Q", len(good.content)) + good.content[8:],
    "a header of brackets": lambda good: packed(b"[" * 200_000, good.body),
    "a header of two megabytes": lambda good: good.with_header(padding=["x" * (2 << 20)]),
    "a header that is a list": lambda good: packed([good.header], good.body),
    "a header without metadata": lambda good: packed({k: v for k, v in good.header.items() if k[0] != "_"}, good.body),
    "metadata that is a text": lambda good: good.with_header(__metadata__="card"),
    "another card's digest": lambda good: good.with_header(__metadata__={"card": "0" * 64}),
    "offsets beyond the end": lambda good: good.with_first(data_offsets=[0, len(good.body) + 4]),
    "offsets that run backwards": lambda good: good.with_first(data_offsets=[8, 0]),
    "offsets below zero": lambda good: good.with_first(data_offsets=[-8, 0]),
    "offsets that overlap": lambda good: good.with_header(twin={"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}),
    "a type that does not exist": lambda good: good.with_first(dtype="PICKLE"),
    "a shape that overflows": lambda good: good.with_first(shape=[1 << 62, 1 << 62]),
    "a shape below zero": lambda good: good.with_first(shape=[-1]),
    "weights that were cut": lambda good: good.content[:-1],
    "a tensor too many": lambda good: packed(
        good.header | {"zz": {"dtype": "F32", "shape": [1], "data_offsets": [len(good.body), len(good.body) + 4]}},
        good.body + bytes(4),
    ),
    "weights that are not numbers": lambda good: packed(good.header, good.body[:-4] + b"\x00\x00\xc0\x7f"),
}


@pytest.fixture
def good(weights, tmp_path) -> Good:
    content = (weights / "edgeconnect.safetensors").read_bytes()
    length = struct.unpack("<Q", content[:8])[0]
    return Good(content, json.loads(content[8 : 8 + length]), content[8 + length :], tmp_path / "canary")


def vouch_for(path: Path, content: bytes) -> None:
    """Write the bytes and put their digest on the card, as someone would who can write the folder."""
    path.write_bytes(content)
    beside = path.with_suffix(".json")
    digest = hashlib.sha256(content).hexdigest()
    beside.write_text(json.dumps(json.loads(beside.read_text()) | {"sha256": digest}))


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_file_is_refused_and_runs_nothing(kind, good, weights):
    path = weights / "edgeconnect.safetensors"
    vouch_for(path, HOSTILE[kind](good))
    with pytest.raises(CheckpointError, match=r"edgeconnect\.(safetensors|json)"):
        checkpoint.load(path)
    assert not good.canary.exists()


def test_the_same_road_takes_the_sound_file(good, weights):
    path = weights / "edgeconnect.safetensors"
    vouch_for(path, good.with_header())
    assert checkpoint.load(path).card.method == "edgeconnect"


def test_no_module_but_the_converter_can_unpickle():
    package = Path(checkpoint.__file__).parent
    unpickling = ("torch.load", "pickle.load", "import pickle", "joblib", "np.load")
    found = {
        path.relative_to(package).as_posix()
        for path in package.rglob("*.py")
        if any(word in path.read_text() for word in unpickling)
    }
    assert found <= {"convert.py"}

"""`python -m evaluation verify` passes a ZIP as it was made, and names whatever was done to it since."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from evaluation.__main__ import main
from evaluation.exports import bundle
from evaluation.marks import Mark, check_marks
from evaluation.report import evaluate
from evaluation.signatures import fingerprint, public_pem, signer

KEY, OTHER_KEY = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
Change = Callable[[dict[str, bytes]], object]


@pytest.fixture
def members(four_sheets: list[Mark], monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """A signed ZIP's members by name, without figures, which take their time."""
    monkeypatch.setattr(bundle, "able", lambda findings: ())
    marks = check_marks(four_sheets)
    study = bundle.Study(b"{}", b"{}", signer(KEY))
    output = io.BytesIO()
    bundle.Bundle(lambda: marks, evaluate(marks, draws=100), study).write(output)
    with zipfile.ZipFile(output) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(members: dict[str, bytes], folder: Path) -> Path:
    path = folder / "parcel.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def key_file(key: Ed25519PrivateKey, folder: Path) -> list[str]:
    path = folder / "key.pem"
    path.write_bytes(public_pem(key.public_key()))
    return ["--key", str(path)]


def test_a_whole_zip_passes_with_the_platforms_key(
    members: dict[str, bytes], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", str(zipped(members, tmp_path)), *key_file(KEY, tmp_path)]) == 0
    said = f"{len(members)} members, every digest right; signed by key {fingerprint(KEY.public_key())}\n"
    assert capsys.readouterr().out == said


def test_with_the_key_that_came_along_it_says_so(
    members: dict[str, bytes], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", str(zipped(members, tmp_path))]) == 0
    assert "came with the ZIP: compare it with the platform's" in capsys.readouterr().out


def test_a_zip_that_nobody_signed_is_called_so(
    members: dict[str, bytes], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    del members["SHA256SUMS.sig"]
    assert main(["verify", str(zipped(members, tmp_path))]) == 0
    assert capsys.readouterr().out.endswith("every digest right; not signed\n")


CHANGES: dict[str, tuple[Change, str]] = {
    "another mark": (
        lambda m: m.update({"marks.csv": m["marks.csv"].replace(b"blurry", b"blank", 1)}),
        "marks.csv: was",
    ),
    "a missing file": (lambda m: m.pop("report.pdf"), "report.pdf: is listed in SHA256SUMS but missing"),
    "a file more": (lambda m: m.update({"notes.txt": b"-"}), "notes.txt: is not listed in SHA256SUMS"),
    "no list of digests": (lambda m: m.pop("SHA256SUMS"), "has no SHA256SUMS"),
    "another list": (
        lambda m: m.update({"SHA256SUMS": m["SHA256SUMS"] + b"# more\n"}),
        "the signature is not that of key",
    ),
    "another signature": (
        lambda m: m.update({"SHA256SUMS.sig": OTHER_KEY.sign(m["SHA256SUMS"])}),
        "the signature is not that of key",
    ),
    "no signature": (lambda m: m.pop("SHA256SUMS.sig"), "nobody signed it"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_was_done_to_a_zip_is_named(
    members: dict[str, bytes], change: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    act, said = CHANGES[change]
    act(members)

    assert main(["verify", str(zipped(members, tmp_path)), *key_file(KEY, tmp_path)]) == 2

    printed = capsys.readouterr()
    assert printed.out == ""
    assert said in printed.err


def test_a_member_that_is_there_twice_is_named(
    members: dict[str, bytes], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = zipped(members, tmp_path)
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("marks.csv", b"other marks")
    assert main(["verify", str(path)]) == 2
    assert "marks.csv: is there 2 times" in capsys.readouterr().err


def test_another_platforms_key_does_not_fit(
    members: dict[str, bytes], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", str(zipped(members, tmp_path)), *key_file(OTHER_KEY, tmp_path)]) == 2
    assert "the signature is not that of key" in capsys.readouterr().err


OTHER_KIND = X25519PrivateKey.generate().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


@pytest.mark.parametrize(
    ("content", "said"), [(b"no key", "no public key in PEM is in it"), (OTHER_KIND, "its key is not an Ed25519 key")]
)
def test_a_file_without_such_a_key_is_refused(
    members: dict[str, bytes], content: bytes, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "key.pem").write_bytes(content)
    assert main(["verify", str(zipped(members, tmp_path)), "--key", str(tmp_path / "key.pem")]) == 2
    assert capsys.readouterr().err == f"{tmp_path / 'key.pem'}: {said}\n"


@pytest.mark.parametrize(("content", "said"), [(b"no ZIP", "is not a whole ZIP file"), (None, "cannot be read")])
def test_a_file_that_is_no_zip_is_refused(
    content: bytes | None, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "parcel.zip"
    if content:
        path.write_bytes(content)
    assert main(["verify", str(path)]) == 2
    assert f"{path}: {said}" in capsys.readouterr().err

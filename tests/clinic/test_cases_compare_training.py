"""Ada asks whether a photograph of the platform is among training's pictures; the answer is counts and case codes."""

import io
import json
from pathlib import Path

import imagehash
import numpy as np
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from PIL import Image

from clinic.accounts.models import User
from clinic.audit.models import AuditEntry
from clinic.cases.intake import admit
from clinic.cases.models import Case
from clinic.vault.blobs import MARKER, blob_path
from clinic.vault.store import erase
from training.manifest import write
from training.manifest.borders import VAULT_MARKER

pytestmark = pytest.mark.django_db


def scene(number: int, size: tuple[int, int] = (420, 320)) -> Image.Image:
    """A picture of nobody: coarse noise, made smooth."""
    rng = np.random.default_rng(number)
    return Image.fromarray(rng.integers(0, 256, (9, 12, 3), dtype=np.uint8)).resize(size, Image.Resampling.BICUBIC)


def case(owner: User, number: int) -> Case:
    file = io.BytesIO()
    scene(number).save(file, "PNG")
    return admit(
        owner=owner, upload=file.getvalue(), side="left", severity="complete", phase="pre-op", dataset="CleftLip24"
    )


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    """Three pictures that training learnt from, listed by training itself."""
    folder = tmp_path / "faces"
    folder.mkdir()
    for number in (100, 101, 102):
        scene(number).save(folder / f"{number}.png")
    write(folder, "CC0-1.0", "drawn here")
    return folder / "manifest.json"


def listed_again(manifest: Path) -> None:
    write(manifest.parent, "CC0-1.0", "drawn here", replace=True)


def answer(manifest: Path, *more: str) -> str:
    printed = io.StringIO()
    call_command("compare_training", str(manifest), *more, stdout=printed)
    return printed.getvalue()


def test_strangers_are_not_alike(manifest: Path, rosa: User, max_: User) -> None:
    case(rosa, 1), case(rosa, 2), case(max_, 3)
    assert answer(manifest) == ("0 of 3 photographs alike to any of 3 pictures (at most 36 of 256 bits differ)\n")


@pytest.mark.parametrize("copy", ["encoded anew", "resized", "its middle square"])
def test_a_planted_copy_is_found_and_named_by_its_case(
    manifest: Path, rosa: User, copy: str, capsys: pytest.CaptureFixture[str]
) -> None:
    case(rosa, 1)
    planted = case(rosa, 2)
    picture = scene(2)
    if copy == "resized":
        picture = picture.resize((210, 160))
    if copy == "its middle square":
        picture = picture.crop((50, 0, 370, 320)).resize((256, 256))
    picture.save(manifest.parent / "copy.jpg", quality=60)
    listed_again(manifest)
    printed = io.StringIO()
    with pytest.raises(CommandError, match="must not be judged"):
        call_command("compare_training", str(manifest), stdout=printed)
    named, counted = printed.getvalue().splitlines()
    assert named.startswith(f"ward {planted.code} differs")
    assert counted.startswith("1 of 2 photographs alike to any of 4 pictures")


def test_the_audit_log_keeps_counts_and_nothing_of_a_picture(manifest: Path, rosa: User) -> None:
    case(rosa, 1)
    answer(manifest, "--threshold", "20")
    entry = AuditEntry.objects.get(act="training-compared")
    assert {name: entry.details[name] for name in ("photographs", "alike", "unopened", "pictures", "threshold")} == {
        "photographs": 1, "alike": 0, "unopened": 0, "pictures": 3, "threshold": 20,
    }  # fmt: skip
    assert set(entry.details) == {"photographs", "alike", "unopened", "pictures", "threshold", "manifest"}


def test_nothing_of_a_photograph_leaves_the_vault(manifest: Path, rosa: User, data_folder: Path) -> None:
    case(rosa, 1)
    before = {path: path.read_bytes() for path in data_folder.rglob("*") if path.is_file() and "vault" in path.parts}
    own = str(imagehash.phash(scene(1), hash_size=16, highfreq_factor=4))
    printed = answer(manifest)
    after = {path for path in data_folder.rglob("*") if path.is_file() and "vault" in path.parts}
    assert own not in printed
    assert own not in json.dumps(AuditEntry.objects.get(act="training-compared").details)
    assert after == set(before)


def test_an_erased_case_is_not_asked_about(manifest: Path, rosa: User) -> None:
    erase(case(rosa, 1).case_key)
    assert answer(manifest).startswith("0 of 0 photographs")


def test_a_photograph_that_does_not_open_is_counted_and_complained_of(manifest: Path, rosa: User) -> None:
    blob_path(case(rosa, 1).photograph.sealed_id).unlink()
    with pytest.raises(CommandError, match="1 photographs could not be opened"):
        answer(manifest)


@pytest.mark.parametrize(
    "content",
    [
        None,
        "no json",
        '{"files": []}',
        '{"perceptual": {"library": "ImageHash", "kind": "phash"}, "files": []}',
        '{"perceptual": {"library": "ImageHash", "kind": "whash"}, "files": []}',
    ],
)
def test_a_manifest_that_says_nothing_of_looks_is_refused(manifest: Path, content: str | None) -> None:
    if content is None:
        manifest.unlink()
    else:
        manifest.write_text(content)
    with pytest.raises(CommandError, match=r"manifest\.json"):
        answer(manifest)


def test_the_vault_carries_the_marker_that_training_looks_for(rosa: User, data_folder: Path) -> None:
    case(rosa, 1)
    assert MARKER == VAULT_MARKER
    assert (data_folder / "vault" / MARKER).is_file()

"""The operator's commands: install checkpoints, enrol a worker, run the relay. One test per refusal."""

import hashlib
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from clinic.inpainting import dispatch
from clinic.inpainting.management.commands import relay
from clinic.inpainting.models import Checkpoint, InpaintingJob, JobState, Worker
from inference.card import Card
from inference.contract import METHODS
from inference.keys import create_worker_keys, read_worker_identity

pytestmark = pytest.mark.django_db


def put_checkpoint(folder: Path, method: str, content: bytes = b"weights", name: str | None = None) -> Path:
    """Write a file that passes for a checkpoint, as far as its card and digest go."""
    folder.mkdir(exist_ok=True)
    file = folder / f"{name or method}.safetensors"
    file.write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    card = Card(method, {"width": 0.25}, "ab" * 32, {}, "0123abc", {}, "CC0-1.0", "train", 1, digest)
    file.with_suffix(".json").write_text(card.to_json())
    return file


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    for method in METHODS:
        put_checkpoint(tmp_path / "weights", method, method.encode())
    return tmp_path / "weights"


def install(folder: Path) -> str:
    out = StringIO()
    call_command("install_checkpoints", folder, stdout=out)
    return out.getvalue()


def enrol(folder: Path, **options: object) -> None:
    call_command("enrol_worker", folder, stdout=StringIO(), **options)


def test_four_checkpoints_are_installed_with_their_cards(weights):
    said = install(weights)

    assert sorted(Checkpoint.objects.values_list("method", flat=True)) == sorted(METHODS)
    lafin = Checkpoint.objects.get(method="lafin")
    assert lafin.sha256 == hashlib.sha256(b"lafin").hexdigest()
    assert lafin.card["manifest_digest"] == "ab" * 32
    assert f"lafin {lafin.sha256[:12]}" in said


def test_installing_again_changes_nothing_and_a_newer_checkpoint_takes_over(weights):
    install(weights)
    install(weights)
    assert Checkpoint.objects.count() == 4

    put_checkpoint(weights, "lafin", b"better weights")
    install(weights)

    assert Checkpoint.objects.filter(active=True).count() == 4
    assert Checkpoint.objects.get(method="lafin", active=True).sha256 == hashlib.sha256(b"better weights").hexdigest()
    assert Checkpoint.objects.filter(method="lafin", active=False).count() == 1


def test_a_folder_without_checkpoints_is_refused(tmp_path):
    with pytest.raises(CommandError, match="holds no"):
        install(tmp_path)


def test_a_checkpoint_without_its_card_is_refused_and_nothing_is_installed(weights):
    (weights / "lafin.json").unlink()

    with pytest.raises(CommandError, match=r"lafin\.json beside it"):
        install(weights)
    assert Checkpoint.objects.count() == 0


def test_a_checkpoint_that_is_not_its_card_s_file_is_refused(weights):
    (weights / "lafin.safetensors").write_bytes(b"swapped")

    with pytest.raises(CommandError, match="not the file of its card"):
        install(weights)
    assert Checkpoint.objects.count() == 0


def test_a_card_that_is_none_is_refused(weights):
    (weights / "lafin.json").write_text("{}")

    with pytest.raises(CommandError, match=r"lafin\.json"):
        install(weights)


def test_two_checkpoints_of_one_method_are_refused(weights):
    put_checkpoint(weights, "lafin", b"another", name="lafin-2")

    with pytest.raises(CommandError, match="two checkpoints of lafin"):
        install(weights)


def test_a_worker_is_enrolled_by_its_public_file_and_given_ours(tmp_path, settings):
    create_worker_keys(tmp_path / "worker")
    enrol(tmp_path / "worker", name="gpu-1")
    enrol(tmp_path / "worker", name="gpu-1")

    worker = Worker.objects.get()
    assert worker.identity == read_worker_identity(tmp_path / "worker" / "worker.pub")
    assert settings.PLATFORM_KEY_FILE.stat().st_mode & 0o777 == 0o600
    secret = settings.PLATFORM_KEY_FILE.read_text()
    assert (tmp_path / "worker" / "platform.pub").read_text() != secret


def test_a_folder_without_a_public_file_is_refused(tmp_path):
    with pytest.raises(CommandError, match="cannot be read"):
        enrol(tmp_path)
    assert Worker.objects.count() == 0


def test_a_known_name_with_other_keys_is_refused(tmp_path):
    for name in ("one", "two"):
        create_worker_keys(tmp_path / name)
    enrol(tmp_path / "one", name="gpu")

    with pytest.raises(CommandError, match="enrolled with other keys"):
        enrol(tmp_path / "two", name="gpu")


def test_a_revoked_worker_cannot_come_back_with_its_old_keys(tmp_path):
    create_worker_keys(tmp_path / "worker")
    enrol(tmp_path / "worker", name="gpu")
    enrol(tmp_path / "worker", name="gpu", revoke=True)

    with pytest.raises(CommandError, match="was revoked"):
        enrol(tmp_path / "worker", name="gpu")
    with pytest.raises(CommandError, match="no worker called gpu"):
        enrol(tmp_path / "worker", name="gpu", revoke=True)


def test_orders_go_to_the_worker_that_was_enrolled_last(rosa, make_mask, inpaint_all, grey_worker, tmp_path):
    create_worker_keys(tmp_path / "newer")
    enrol(tmp_path / "newer", name="newer")

    job = dispatch.run(make_mask(rosa), rosa)[0]

    assert job.outbox.get().worker.name == "newer"


def test_one_round_of_the_relay_publishes_what_waits(rosa, make_mask, inpaint_all, broker):
    dispatch.run(make_mask(rosa), rosa)
    call_command("relay", "--once")

    assert len(list(broker.glob("*.gpu.msg"))) == 4
    assert set(InpaintingJob.objects.values_list("state", flat=True)) == {JobState.DISPATCHED}


def test_the_relay_says_that_the_broker_is_away_and_goes_on(rosa, make_mask, inpaint_all, monkeypatch):
    def away() -> int:
        raise ConnectionRefusedError("no broker")

    dispatch.run(make_mask(rosa), rosa)
    monkeypatch.setattr(relay, "publish_pending", away)
    err = StringIO()
    call_command("relay", "--once", stderr=err)

    assert "ConnectionRefusedError" in err.getvalue()
    assert set(InpaintingJob.objects.values_list("state", flat=True)) == {JobState.QUEUED}

"""A real worker process, killed while it paints: nothing is lost, nothing runs twice, nothing leaks.

The worker runs as in production, with four variables for an environment, on random weights of compact networks.
"""

import base64
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
import torch
from django.core.management import call_command
from django.utils import timezone

from clinic.audit.models import AuditEntry
from clinic.cases import pictures
from clinic.cases.models import Mask
from clinic.inpainting import dispatch, results
from clinic.inpainting.checkpoints import install
from clinic.inpainting.models import InpaintingJob, JobState
from clinic.inpainting.tasks import record_outcome
from inference import checkpoint as checkpoints
from inference.card import Card
from inference.contract import METHODS
from inference.keys import create_worker_keys
from inference.networks import NETWORKS

PATIENCE_SECONDS = 120
WIDTH = {"width": 0.0625}
FOUR_VARIABLES = (
    "VERMILION_BROKER_URL",
    "VERMILION_WORKER_KEYS",
    "VERMILION_PLATFORM_KEY",
    "VERMILION_CHECKPOINTS",
)

pytestmark = [pytest.mark.slow, pytest.mark.django_db]


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint per method whose weights are random: it paints noise, by the same road as a trained one."""
    folder = tmp_path_factory.mktemp("weights")
    for method in METHODS:
        torch.manual_seed(1)
        card = Card(method, WIDTH, None, {}, "0000000", {}, "CC0-1.0", "random weights", 1)
        checkpoints.save(folder / f"{method}.safetensors", NETWORKS[method](**WIDTH).state_dict(), card)
    return folder


@pytest.fixture
def worker_folder(tmp_path: Path) -> Path:
    """The worker's own folder: its keys, the platform's public key and, later, its start markers."""
    create_worker_keys(tmp_path / "worker")
    call_command("enrol_worker", tmp_path / "worker", stdout=StringIO())
    return tmp_path / "worker"


@pytest.fixture
def start_worker(worker_folder: Path, weights: Path, broker: Path) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Start `python -m inference worker` with nothing in its environment but its four variables."""
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        files = (worker_folder / "worker.key", worker_folder / "platform.pub", weights)
        environment = dict(zip(FOUR_VARIABLES, (f"filesystem://{broker}", *map(str, files)), strict=True))
        # One thread: two would wait for each other for minutes on a machine that is busy with other tests.
        environment["OMP_NUM_THREADS"] = "1"
        command = [sys.executable, "-m", "inference", "worker", "--pool", "solo"]
        with (worker_folder / "log").open("ab") as log:
            started.append(subprocess.Popen(command, env=environment, stdout=log, stderr=log))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


@pytest.fixture
def mask(rosa, make_mask, weights: Path, worker_folder: Path) -> Mask:
    """A mask of Rosa's whose orders lie on the broker."""
    install(weights)
    mask = make_mask(rosa, "VM-CANARY-0145")
    dispatch.run(mask, rosa)
    dispatch.publish_pending()
    return mask


def until(happened: Callable[[], bool], worker_folder: Path) -> None:
    """Wait for it, and show the worker's log if it never comes."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not happened():
        assert time.monotonic() < deadline, (worker_folder / "log").read_text()
        time.sleep(0.005)


def record_what_came(broker: Path) -> bool:
    """Record every outcome that has come; True once all four jobs are done."""
    for file in sorted(broker.glob("*.clinic.msg")):
        arguments, _, _ = json.loads(base64.b64decode(json.loads(file.read_text())["body"]))
        record_outcome(*arguments)
        file.unlink()
    return set(InpaintingJob.objects.values_list("state", flat=True)) == {JobState.DONE}


def test_a_killed_worker_loses_nothing(mask, start_worker, worker_folder, broker):
    started = worker_folder / "started"
    first = start_worker()
    until(lambda: started.is_dir() and any(started.iterdir()), worker_folder)
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    assert len(list(broker.glob("*.clinic.msg"))) < 4, "the worker was too quick to be killed at work"

    second = start_worker()
    InpaintingJob.objects.filter(state=JobState.DISPATCHED).update(lease_until=timezone.now() - timedelta(seconds=1))
    record_what_came(broker)
    dispatch.redispatch_expired()
    dispatch.publish_pending()
    until(lambda: record_what_came(broker), worker_folder)

    assert second.poll() is None
    assert set(names_in(second)) - {"LC_CTYPE", "OMP_NUM_THREADS"} == set(FOUR_VARIABLES)
    crop, hole = pictures.canonical(mask.crop), pictures.hole(mask)
    found = results.results_of(mask.crop.photograph.case)
    assert list(found) == list(METHODS)
    for result in found.values():
        assert (results.picture(result)[~hole] == crop[~hole]).all()
    assert AuditEntry.objects.filter(act="result-recorded").count() == 4
    # Orders of the first attempt that still lay on the broker were painted once at most, and their answers refused.
    names = [marker.name for marker in started.iterdir()]
    assert len(names) == len(set(names)) <= 8


def names_in(process: subprocess.Popen[bytes]) -> list[str]:
    """The names of a process's environment variables, as the kernel tells them."""
    entries = Path(f"/proc/{process.pid}/environ").read_bytes().split(b"\0")
    return [entry.split(b"=")[0].decode() for entry in entries if entry]

"""The processes beside the web server: the relay, the clinic's Celery worker and the GPU worker, here on the CPU.

Started and stopped by the story. The GPU worker gets an environment of its own: broker, keys, checkpoints, no more.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType

from django.conf import settings

from inference.keys import PLATFORM_PUBLIC_FILE, WORKER_PRIVATE_FILE

STOP_SECONDS = 10
PASSED_ON = ("PATH", "LANG", "OMP_NUM_THREADS", "HOME")


def worker_folder() -> Path:
    """Where the GPU worker's keys lie."""
    return Path(settings.DATA) / "worker"


def worker_environment() -> dict[str, str]:
    """Everything the GPU worker is told."""
    folder = worker_folder()
    return {
        **{name: os.environ[name] for name in PASSED_ON if name in os.environ},
        "VERMILION_BROKER_URL": settings.BROKER_URL,
        "VERMILION_WORKER_KEYS": str(folder / WORKER_PRIVATE_FILE),
        "VERMILION_PLATFORM_KEY": str(folder / PLATFORM_PUBLIC_FILE),
        "VERMILION_CHECKPOINTS": str(settings.CHECKPOINTS),
    }


def clinic_environment() -> dict[str, str]:
    """The environment of processes that may open the vault: the web server's own."""
    return {**os.environ, "VERMILION_DATA": str(settings.DATA)}


@contextmanager
def running() -> Iterator[None]:
    """All three processes, from here to the end of the block; their logs lie in the data folder.

    Told to end by SIGTERM, this process ends them too: they stand in sessions of their own, so nobody else would.
    """
    python = sys.executable
    signal.signal(signal.SIGTERM, _leave)
    with ExitStack() as stack:
        for name, command, environment in (
            ("gpu-worker", [python, "-m", "inference", "worker", "--pool", "solo"], worker_environment()),
            (
                "clinic-worker",
                [
                    python,
                    "-m",
                    "celery",
                    "-A",
                    "clinic.config",
                    "worker",
                    "-Q",
                    "clinic",
                    "--pool",
                    "solo",
                    "-l",
                    "INFO",
                ],
                clinic_environment(),
            ),
            ("relay", [python, str(settings.ROOT / "manage.py"), "relay"], clinic_environment()),
        ):
            stack.enter_context(started(name, command, environment))
        yield


def _leave(number: int, frame: FrameType | None) -> None:
    """Unwind all blocks, then exit as a shell reports a process ended by this signal."""
    sys.exit(128 + number)


@contextmanager
def started(name: str, command: Sequence[str], environment: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """One process with its log in the data folder, told to stop at the end and killed if it does not."""
    log = Path(settings.DATA) / "logs" / f"{name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as stream:
        process = subprocess.Popen(
            command, env=dict(environment), cwd=settings.ROOT, stdout=stream, stderr=stream, start_new_session=True
        )
        try:
            yield process
        finally:
            stop(process)


def stop(process: "subprocess.Popen[bytes]") -> None:
    """Ask a process to end and, if it does not, end it."""
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def serve(address: str) -> None:
    """Serve the site until interrupted."""
    command = [sys.executable, "-m", "gunicorn", "clinic.config.wsgi", "--bind", address, "--threads", "4"]
    with started("web", [*command, "--access-logfile", "-"], clinic_environment()) as web:
        try:
            while web.poll() is None:
                time.sleep(0.5)
        except KeyboardInterrupt:
            return
    raise ChildProcessError(f"The site stopped. Is {address} taken? The log is in {settings.DATA}/logs/web.log.")

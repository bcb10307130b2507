"""A real training beside a vault of the platform, without a network: every file that it opens is written down.

Python tells of each file and socket that it opens (PEP 578). What a C library opens by itself it does not tell of, so
the vault's own times of access are compared as well.
"""

import os
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path

import pytest

from training.manifest.borders import SEALED, VAULT_MARKER

ROOT = Path(__file__).parents[2]
# Matplotlib, which torchmetrics loads, looks at the machine's fonts in /usr.
MACHINE = [Path(name) for name in ("/proc", "/sys", "/dev", "/etc", "/usr")]
PYTHON = {sys.prefix, sys.base_prefix, sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib")}
pytestmark = pytest.mark.slow

# Read by every Python process before anything else.
HOOK = """
import os, sys
trace = os.open(os.environ["TRACE"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
def note(event, given):
    if event == "open" and isinstance(given[0], (str, bytes, os.PathLike)):
        os.write(trace, os.fsencode(os.path.abspath(given[0])) + b"\\n")
    if event == "socket.__new__":
        raise PermissionError("training needs no network")
sys.addaudithook(note)
"""

RECIPE = """
method = "inclg"
precision = "fp32"
discriminator_width = 0.0625
show_every = 2
[network]
width = 0.0625
[[phases]]
steps = 2
size = 64
batch = 2
weights = { adversarial = 0.1 }
"""


@pytest.fixture
def vault(tmp_path: Path) -> Path:
    """A vault with its marker, three sealed objects and a key ring, last read yesterday."""
    objects = tmp_path / "people" / "vault" / "blobs"
    objects.mkdir(parents=True)
    contents = {objects.parent / VAULT_MARKER: b"", objects.parent / "ring.key": SEALED[1] + b"\x02" * 64}
    contents |= {objects / f"{number:032x}": SEALED[0] + bytes([number]) * 400 for number in range(3)}
    for path, content in contents.items():
        path.write_bytes(content)
        modified = path.stat().st_mtime_ns
        os.utime(path, ns=(modified - 86_400 * 10**9, modified))
    return objects.parent


@pytest.fixture
def faces(tmp_path: Path, vault: Path, drawn_folder: Path) -> Path:
    """Faces to learn from, beside the vault."""
    folder = tmp_path / "people" / "faces"
    folder.mkdir()
    for path in drawn_folder.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    return folder


def traced(tmp_path: Path, *command: str) -> tuple["subprocess.CompletedProcess[str]", list[Path]]:
    """Run Python under the hook, without a network where the machine permits it; with the files that were opened."""
    hook, scratch, trace = tmp_path / "hook", tmp_path / "scratch", tmp_path / "trace"
    for folder in (hook, scratch):
        folder.mkdir(exist_ok=True)
    (hook / "sitecustomize.py").write_text(HOOK)
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(hook), "TRACE": str(trace), "TMPDIR": str(scratch)}
    environment |= {"HOME": str(scratch), "OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [*alone(), sys.executable, *command], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=400
    )
    return done, [Path(line) for line in dict.fromkeys(trace.read_text().splitlines())]


def alone() -> Sequence[str]:
    """What starts a command without any network device, or nothing where that is not permitted."""
    command = ("unshare", "--map-root-user", "--net")
    try:
        permitted = subprocess.run([*command, "true"], capture_output=True).returncode == 0
    except FileNotFoundError:
        permitted = False
    return command if permitted else ()


def under(paths: Sequence[Path], folders: Sequence[Path]) -> list[Path]:
    """The paths that lie in one of the folders, as they are written or as they are resolved."""
    inside = [folder.resolve() for folder in folders]
    return [path for path in paths if any(path.is_relative_to(f) or path.resolve().is_relative_to(f) for f in inside)]


def read_since(vault: Path) -> list[str]:
    """The files of the vault whose time of access is no longer yesterday's."""
    files = sorted(path for path in vault.rglob("*") if path.is_file())
    return [path.name for path in files if path.stat().st_atime_ns >= path.stat().st_mtime_ns]


def test_a_training_opens_nothing_but_its_faces_its_folder_and_its_own_code(
    tmp_path: Path, vault: Path, faces: Path
) -> None:
    recipe, run = tmp_path / "run" / "recipe.toml", tmp_path / "run" / "out"
    recipe.parent.mkdir()
    recipe.write_text(RECIPE)
    done, opened = traced(
        tmp_path, "-m", "training", "train", str(recipe), str(faces), str(run), "--workers", "0", "--threads", "1"
    )
    assert done.returncode == 0, done.stderr
    assert (run / "inclg.safetensors").exists()
    assert under(opened, [vault]) == []
    assert read_since(vault) == []
    own = [ROOT / "training", ROOT / "inference", faces, recipe.parent, tmp_path / "hook", tmp_path / "scratch"]
    allowed = {*under(opened, [*MACHINE, *own, *map(Path, PYTHON)])}
    assert [path for path in opened if path not in allowed] == []
    # The trace has seen what it should see: pictures, landmarks, the manifest, the state, the picture of samples.
    assert {path.name for path in faces.iterdir()} <= {path.name for path in under(opened, [faces])}
    assert {"recipe.toml", "state.partial", "0000002.png"} <= {path.name for path in under(opened, [recipe.parent])}


def test_a_script_that_opens_one_file_of_the_vault_is_seen(tmp_path: Path, vault: Path) -> None:
    sealed = vault / "blobs" / f"{1:032x}"
    done, opened = traced(tmp_path, "-c", f"import numpy; numpy.fromfile({str(sealed)!r}, 'u1')")
    assert done.returncode == 0, done.stderr
    assert under(opened, [vault]) == [sealed]


def test_a_file_of_the_vault_that_another_program_reads_has_another_time(vault: Path) -> None:
    (subprocess.run(["cat", vault / "ring.key"], capture_output=True, check=True))
    if not read_since(vault):
        pytest.skip("this file system keeps no times of access")
    assert read_since(vault) == ["ring.key"]


@pytest.mark.parametrize("calls", ["socket.socket()", "socket.create_connection(('127.0.0.1', 9), 1)"])
def test_a_script_that_asks_for_a_network_is_refused(tmp_path: Path, calls: str) -> None:
    done, _ = traced(tmp_path, "-c", f"import socket; {calls}")
    assert done.returncode == 1
    assert "training needs no network" in done.stderr


def test_without_a_network_device_even_a_program_that_python_does_not_watch_reaches_nobody(tmp_path: Path) -> None:
    if not alone():
        pytest.skip("unshare --net is not permitted here; the hook alone refuses sockets")
    listing = [*alone(), "cat", "/proc/net/dev"]
    devices = subprocess.run(listing, capture_output=True, text=True, check=True).stdout.splitlines()[2:]
    assert [line.split(":")[0].strip() for line in devices] == ["lo"]

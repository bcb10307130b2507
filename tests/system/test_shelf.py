"""`platform/` is a shelf, not a package: a package of that name would hide the standard library's."""

import platform
import sysconfig
from pathlib import Path

import clinic

ROOT = Path(__file__).resolve().parents[2]


def test_import_platform_gives_the_standard_library() -> None:
    assert Path(platform.__file__).parent == Path(sysconfig.get_paths()["stdlib"])


def test_the_shelf_holds_the_clinic_and_no_module_of_its_own() -> None:
    shelf = ROOT / "platform"
    assert [path.name for path in shelf.iterdir() if path.name != "__pycache__"] == ["clinic"]
    assert Path(clinic.__file__).parent == shelf / "clinic"

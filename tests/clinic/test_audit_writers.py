"""Many processes write the audit log at once: no gap, no fork, on the database an embedded installation uses."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WRITERS, ROWS = 4, 25
WRITE = f"from clinic.audit.chain import record\nfor n in range({ROWS}): record(None, 'picture-seen', tries=n)"
COUNT = "from clinic.audit.models import AuditEntry\nprint(AuditEntry.objects.count())"


def manage(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("VERMILION_")}
    return subprocess.Popen(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=clean | {"VERMILION_DATA": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finished(process: subprocess.Popen[str]) -> str:
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return out.strip()


@pytest.mark.slow
def test_writers_at_once_leave_no_gap_and_no_fork(tmp_path: Path) -> None:
    finished(manage(tmp_path, "migrate", "-v0"))
    for writer in [manage(tmp_path, "shell", "-v0", "-c", WRITE) for _ in range(WRITERS)]:
        finished(writer)
    assert finished(manage(tmp_path, "shell", "-v0", "-c", COUNT)) == str(WRITERS * ROWS)
    assert "no gap, no fork" in finished(manage(tmp_path, "verify_audit"))

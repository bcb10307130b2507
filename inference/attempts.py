"""Start markers: an empty file per (job, attempt), so that a worker starts none twice.

A broker may deliver a message again, and anyone who can write to it may replay one. Between `inference.envelope`, which
has verified the order by then, and `inference.answering`. Orders expire, so old markers may go.
"""

import os
import time
from pathlib import Path

from inference.contract import OrderHeader

KEEP_SECONDS = 3 * 24 * 60 * 60


def start_once(folder: Path, header: OrderHeader) -> bool:
    """Mark this attempt as started; return False if it was started before. Safe between processes."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        os.close(os.open(folder / f"{header.job}.{header.attempt}", os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        return False
    return True


def forget_old(folder: Path) -> None:
    """Remove markers older than three days, which is longer than any order lives."""
    oldest_kept = time.time() - KEEP_SECONDS
    for marker in folder.glob("*.*"):
        if marker.stat().st_mtime < oldest_kept:
            marker.unlink(missing_ok=True)

"""A broker that is a folder: kombu's filesystem transport, made safe for several processes and for crashes.

Named by `inference.broker` for `filesystem://` addresses. Kombu's own puts a message in place before it is written and
takes it through the system's temporary folder; here a message appears by a rename and is claimed by a rename, inside
the broker's folder.
"""

import time
import uuid
from pathlib import Path
from queue import Empty
from typing import Any

from kombu.transport import filesystem
from kombu.utils.json import dumps, loads


class Channel(filesystem.Channel):
    """Messages are files `<nanoseconds>_<random>.<queue>.msg`, oldest first."""

    # The typing stubs of its two parents name the second argument differently.
    def _put(self, queue: str, payload: dict[str, Any], **kwargs: Any) -> None:  # type: ignore[override]
        folder = Path(self.data_folder_out)
        name = f"{time.time_ns():020d}_{uuid.uuid4().hex}"
        draft = folder / f"{name}.draft"
        draft.touch(mode=0o600)
        draft.write_text(dumps(payload), encoding="utf-8")
        draft.replace(folder / f"{name}.{queue}.msg")

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        for waiting in sorted(Path(self.data_folder_in).glob(f"*.{queue}.msg")):
            claimed = waiting.with_suffix(".taken")
            try:
                waiting.replace(claimed)
                message = loads(claimed.read_text(encoding="utf-8"))
            except FileNotFoundError:
                continue  # another consumer was quicker
            except ValueError:
                claimed.unlink()
                continue  # no message of ours: junk is dropped, as every broker may drop a message
            claimed.unlink()
            return message
        raise Empty


class Transport(filesystem.Transport):
    """kombu's transport with the channel above."""

    Channel = Channel

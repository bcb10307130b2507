"""Celery settings that platform and worker share: names of queues and tasks, JSON only, limits, no remote control.

From `VERMILION_BROKER_URL`; to the Celery app of `clinic.inpainting.queue` and of `inference.worker`. The broker is not
trusted: it carries sealed bytes in base64 and nothing else.
"""

from pathlib import Path
from urllib.parse import urlsplit

from kombu import Queue
from kombu.transport import TRANSPORT_ALIASES

ORDER_QUEUE = "gpu"
ORDER_TASK = "inference.inpaint"
OUTCOME_QUEUE = "clinic"
OUTCOME_TASK = "clinic.record"

# A message lost by a dead Redis consumer comes back after this long; leases of `clinic.inpainting` are as long.
VISIBILITY_SECONDS = 900
HARD_LIMIT_SECONDS = 300
SOFT_LIMIT_SECONDS = 270

POLLING_SECONDS = 0.2

SPOOL = "spool"
TRANSPORT_ALIASES[SPOOL] = "inference.spool:Transport"


class BrokerError(ValueError):
    """A broker address that cannot be used; the message says what to write instead."""


def celery_settings(broker_url: str) -> dict[str, object]:
    """Return the Celery configuration for `broker_url`, creating the folders of a filesystem broker.

    `filesystem:///an/absolute/folder` needs no server; `redis://` and `amqp://` addresses are passed on as they are.
    Raises `BrokerError` for a filesystem address without an absolute folder.
    """
    return {
        **_transport(broker_url),
        # No exchange: a message goes to the queue it names, and the broker keeps no table of bindings.
        "task_default_exchange": "",
        "task_queues": [Queue(name, routing_key=name) for name in (ORDER_QUEUE, OUTCOME_QUEUE)],
        "broker_connection_timeout": 4,
        "broker_connection_retry_on_startup": True,
        "task_publish_retry": False,
        "task_serializer": "json",
        "result_serializer": "json",
        "accept_content": ["json"],
        "task_ignore_result": True,
        "task_store_errors_even_if_ignored": False,
        "task_acks_late": True,
        "task_reject_on_worker_lost": True,
        "task_time_limit": HARD_LIMIT_SECONDS,
        "task_soft_time_limit": SOFT_LIMIT_SECONDS,
        "task_create_missing_queues": False,
        "worker_prefetch_multiplier": 1,
        "worker_enable_remote_control": False,
        "worker_send_task_events": False,
        "worker_hijack_root_logger": False,
        "enable_utc": True,
    }


def _transport(broker_url: str) -> dict[str, object]:
    parts = urlsplit(broker_url)
    if parts.scheme != "filesystem":
        options = {"visibility_timeout": VISIBILITY_SECONDS} if parts.scheme.startswith("redis") else {}
        return {"broker_url": broker_url, "broker_transport_options": options}
    if parts.netloc or len(parts.path) < 2:
        raise BrokerError(f"write the broker's folder as filesystem:///absolute/folder, not {broker_url!r}")
    folder = Path(parts.path)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return {
        "broker_url": f"{SPOOL}://localhost//",
        "broker_transport_options": {
            "data_folder_in": str(folder),
            "data_folder_out": str(folder),
            "polling_interval": POLLING_SECONDS,
        },
    }

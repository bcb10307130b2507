"""The clinic's end of the queue: sends sealed orders, and names the Celery app that takes outcomes in.

Used by `dispatch`; the app is served by `celery -A clinic.config worker -Q clinic`, whose task is in `tasks`.
"""

import base64

from celery import Celery
from celery.exceptions import OperationalError as CeleryDown
from django.conf import settings
from kombu.exceptions import OperationalError as BrokerDown

from inference.broker import ORDER_QUEUE, ORDER_TASK, celery_settings

# Anything that says "not now": the order stays in the outbox and the relay tries again.
UNREACHABLE = (BrokerDown, CeleryDown, OSError)

# Without fixups Celery does no Django magic of its own: what it needs is said here and in `clinic.config.celery`.
app = Celery("clinic", fixups=[])
app.add_defaults(lambda: celery_settings(settings.BROKER_URL))


def send_order(order: bytes) -> None:
    """Put one sealed order on the workers' queue. Raises one of `UNREACHABLE` when the broker does not take it."""
    app.send_task(
        ORDER_TASK,
        args=[base64.b64encode(order).decode("ascii")],
        queue=ORDER_QUEUE,
        # Celery would repeat the argument's beginning in the message's headers.
        argsrepr="",
        kwargsrepr="",
    )

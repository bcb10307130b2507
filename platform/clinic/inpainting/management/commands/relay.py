"""`manage.py relay`: publish waiting orders and renew expired ones, round after round, until told to stop."""

import signal
import threading
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import OperationalError, close_old_connections

from clinic.inpainting.dispatch import publish_pending, redispatch_expired
from clinic.inpainting.queue import UNREACHABLE
from clinic.inpainting.refusals import InpaintingRefusal


class Command(BaseCommand):
    help = "Carry orders from the outbox to the broker and look after jobs that got no answer."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="one round, then stop")
        parser.add_argument("--seconds", type=float, default=1.0, help="pause between rounds (default 1)")

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()
        for told in (signal.SIGTERM, signal.SIGINT):
            signal.signal(told, lambda *_: stop.set())
        while not stop.is_set():
            self._round()
            if options["once"]:
                return
            stop.wait(options["seconds"])
            close_old_connections()

    def _round(self) -> None:
        try:
            redispatch_expired()
            publish_pending()
        except (*UNREACHABLE, OperationalError, InpaintingRefusal) as problem:
            # Nothing is lost: every job stands in the database and the next round tries again.
            self.stderr.write(f"relay: {type(problem).__name__}: {problem}")

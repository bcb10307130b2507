"""`manage.py enrol_worker FOLDER`: believe a worker's keys, and leave it ours."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from clinic.inpainting.identity import create_platform_key, enrol, revoke, write_platform_public
from clinic.inpainting.refusals import InpaintingRefusal
from inference.keys import WORKER_PUBLIC_FILE, KeyFileError, read_worker_identity


class Command(BaseCommand):
    help = "Enrol the GPU worker whose worker.pub lies in FOLDER, and write platform.pub there for it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="where `python -m inference worker-keys` wrote worker.pub")
        parser.add_argument("--name", default="gpu", help="what to call the worker (default gpu)")
        parser.add_argument("--revoke", action="store_true", help="revoke the worker called NAME instead")

    def handle(self, *args: Any, **options: Any) -> None:
        name, folder = options["name"], options["folder"]
        try:
            if options["revoke"]:
                revoke(name)
                self.stdout.write(f"{name} is revoked: its answers are refused from now on")
                return
            create_platform_key()
            worker = enrol(name, read_worker_identity(folder / WORKER_PUBLIC_FILE))
            public = write_platform_public(folder)
        except (InpaintingRefusal, KeyFileError) as problem:
            raise CommandError(str(problem)) from None
        self.stdout.write(f"{worker.name} is enrolled; it knows our orders by {public}")

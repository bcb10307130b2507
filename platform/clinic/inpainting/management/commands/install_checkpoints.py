"""`manage.py install_checkpoints [FOLDER]`: take in the cards of the checkpoints that the worker will use."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from clinic.inpainting.checkpoints import install
from clinic.inpainting.refusals import InpaintingRefusal


class Command(BaseCommand):
    help = "Install every checkpoint in FOLDER that has a card and matches its digest, one per method."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, nargs="?", default=settings.CHECKPOINTS)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            installed = install(options["folder"])
        except InpaintingRefusal as problem:
            raise CommandError(str(problem)) from None
        for checkpoint in installed:
            self.stdout.write(f"{checkpoint.method} {checkpoint.sha256[:12]}")

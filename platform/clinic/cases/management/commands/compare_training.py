"""`manage.py compare_training MANIFEST`: says whether a photograph of the platform is among training's pictures."""

import hashlib
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from clinic.audit.acts import Act
from clinic.audit.chain import record
from clinic.cases.likeness import THRESHOLD, ManifestError, compare, read_listed
from clinic.cases.models import Photograph


class Command(BaseCommand):
    """Compares every photograph with one manifest; prints and records counts, and names matches by their case code."""

    help = "Compare the platform's photographs with the pictures of a training manifest, by perceptual hash."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the manifest and how alike is alike."""
        parser.add_argument("manifest", type=Path, help="manifest.json of a folder that training reads")
        parser.add_argument(
            "--threshold", type=int, default=THRESHOLD, help=f"most bits in which copies differ (default {THRESHOLD})"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Open the photographs one by one, in memory; exit with 1 where one is alike or could not be opened."""
        path, threshold = options["manifest"], options["threshold"]
        try:
            listed = read_listed(path)
            rows = Photograph.objects.filter(case__case_key__erased_at=None).select_related("sealed", "case__hospital")
            found = list(compare(rows.order_by("case__hospital__code", "case__code"), listed))
        except ManifestError as problem:
            raise CommandError(str(problem)) from None
        alike = [each for each in found if each.distance is not None and each.distance <= threshold]
        closed = [each for each in found if each.distance is None]
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        record(
            None, Act.TRAINING_COMPARED, photographs=len(found) - len(closed), alike=len(alike), unopened=len(closed),
            pictures=listed.pictures, threshold=threshold, manifest=digest,
        )  # fmt: skip
        for each in alike:
            case = each.row.case
            self.stdout.write(f"{case.hospital.code} {case.code} differs from a listed picture in {each.distance} bits")
        self.stdout.write(
            f"{len(alike)} of {len(found) - len(closed)} photographs alike to any of {listed.pictures} pictures "
            f"(at most {threshold} of 256 bits differ)"
        )
        if closed:
            raise CommandError(f"{len(closed)} photographs could not be opened: run sweep_vault")
        if alike:
            raise CommandError("Look at these cases: networks trained on that folder must not be judged on them.")

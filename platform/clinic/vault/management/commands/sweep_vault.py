"""`manage.py sweep_vault`: remove day-old blobs without rows; complain of rows without blobs."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from clinic.vault.sweeping import sweep


class Command(BaseCommand):
    help = "Remove files of failed transactions from the vault, and check that every stored object is there."

    def handle(self, *args: Any, **options: Any) -> None:
        done = sweep()
        self.stdout.write(f"removed {done.removed} stray files")
        if done.missing:
            names = ", ".join(str(name) for name in done.missing[:5])
            raise CommandError(f"{len(done.missing)} stored objects have lost their blob: restore {names} from backup")

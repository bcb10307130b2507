"""`manage.py rotate_vault_key`: wrap every case key with a new vault key, then destroy the old one. Safe to repeat."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from clinic.vault.errors import VaultError
from clinic.vault.rotation import begin, retire, rewrap_batch


class Command(BaseCommand):
    help = "Rotate the vault key. If it is interrupted, run it again: it goes on where it stopped."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            current, rewrapped = begin(), 0
            while done := rewrap_batch():
                rewrapped += done
            retired = retire()
        except VaultError as problem:
            raise CommandError(str(problem)) from None
        self.stdout.write(f"vault key {current} wraps now; {rewrapped} case keys moved, {retired} old keys destroyed")

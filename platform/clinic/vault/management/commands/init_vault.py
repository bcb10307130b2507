"""`manage.py init_vault`: make the vault key, once, where the settings say; it never overwrites one."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from clinic.vault.errors import VaultError
from clinic.vault.providers import RING_VARIABLE, create_key_file, create_passphrase_file, key_provider


class Command(BaseCommand):
    help = "Make the vault key. It is the only way to the stored pictures: keep a copy offline."

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(settings.VAULT_KEY_FILE)
        try:
            self.stdout.write(_make(settings.VAULT_KEY_PROVIDER, path))
        except VaultError as problem:
            raise CommandError(str(problem)) from None


def _make(provider: str, path: Path) -> str:
    if provider == "passphrase":
        return f"vault key {create_passphrase_file(path)} comes from the passphrase; its salt is in {path}"
    if provider == "environment":
        return f"vault key {key_provider().current_id} is in {RING_VARIABLE}"
    return f"vault key {create_key_file(path).current_id} is in {path}; keep a copy of it offline"

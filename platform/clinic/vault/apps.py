"""Names the vault to Django: the app that keeps every picture sealed, below all other apps."""

from django.apps import AppConfig


class VaultConfig(AppConfig):
    name = "clinic.vault"
    default_auto_field = "django.db.models.BigAutoField"

"""The accounts app as Django knows it: its label and its key type."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Registers clinic.accounts under the label ``accounts``."""

    name = "clinic.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

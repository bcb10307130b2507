"""Names the studies app for Django; read by clinic.config.settings."""

from django.apps import AppConfig


class StudiesConfig(AppConfig):
    """Cases x methods x readers: blinded sheets, their marks, and what follows from them."""

    name = "clinic.studies"
    label = "studies"
    default_auto_field = "django.db.models.BigAutoField"
